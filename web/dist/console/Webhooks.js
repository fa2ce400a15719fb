/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
export{t as Standing,n as default}from"./screens.js";