/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{m as e}from"./graphiql.js";export default e();