/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{f as e}from"./graphiql.js";export default e();