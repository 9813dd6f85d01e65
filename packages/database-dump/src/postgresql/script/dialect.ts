import type { ScriptDialect } from '../../script/fill-parameters.ts';
import { quoteLiteral } from '../catalog/quote.ts';
import { lexScript, readScript } from './read-script.ts';

export const postgresqlScripts: ScriptDialect = { lexScript, readScript, quoteLiteral };
