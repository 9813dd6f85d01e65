export { type MysqlEngineOptions, mysqlEngine } from './mysql/mysql-engine.ts';
export type { ClientTools, FindClientTools } from './postgresql/client-tools.ts';
export { type PostgresqlEngineOptions, postgresqlEngine } from './postgresql/postgresql-engine.ts';
export { type PlannedScript, type PlannedStatement, planScripts } from './script/plan-scripts.ts';
