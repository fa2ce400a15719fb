/** Where the issuer sends users back to. */
export const CALLBACK = '/console/signed-in';
