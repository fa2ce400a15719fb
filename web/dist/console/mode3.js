/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import"./graphiql.js";