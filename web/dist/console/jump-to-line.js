/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{a as e}from"./graphiql.js";export default e();