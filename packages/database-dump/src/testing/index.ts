export { findMariadb, type MariadbPrograms } from './mariadb/mariadb-programs.ts';
export { type MariadbServer, throwawayMariadb } from './mariadb-server.ts';
