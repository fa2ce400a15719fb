/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{u as e}from"./graphiql.js";export default e();