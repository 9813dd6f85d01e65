/** Of the program and, in manifests, of the service that made a backup. The same as in package.json. */
export const version = '0.1.0';
