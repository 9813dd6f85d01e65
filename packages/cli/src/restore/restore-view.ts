import type {
  Restore,
  RestoreMode,
  RestoreResult,
  RestoreTarget,
  SettingLeftOutReason,
  Unit,
} from '@lcb/core';
import { plural } from '../output/format.ts';
import { headline, requestedText, unitTable } from '../output/run-view.ts';
import { coloured } from '../output/style.ts';
import { details, indented } from '../output/table.ts';

export function restoreView(restore: Restore): string {
  const { request, error } = restore;
  const facts = details([
    ['Backup', request.backupId],
    ['Target', `${request.projectId}/${request.target.environment}`],
    ...targetFacts(request.target, request.units),
    ['Scripts', request.scripts?.map(({ name }) => name).join(', ')],
    ['Requested', requestedText(restore)],
    ['Mode', modeTexts[request.mode]],
    ...resultFacts(restore),
    ['Notes', request.notes],
    ['Error', error && coloured('red', error.message)],
  ]);
  return `${headline(restore)}\n${unitTable(restore)}\n${indented(facts)}${nextSteps(restore)}`;
}

/** The places of a target that the units need, by name. */
export function targetFacts(
  { database, documentLibrary }: RestoreTarget,
  units: readonly Unit[],
): [string, string | undefined][] {
  return [
    ['Database', units.includes('database') ? database?.url : undefined],
    ['Library', units.includes('documentLibrary') ? documentLibrary?.location : undefined],
  ];
}

const modeTexts = {
  new: undefined,
  inPlace: 'in place of what was there',
  swap: 'beside what was there, then swapped',
} as const satisfies Record<RestoreMode, string | undefined>;

/** What the restore found and did beyond its units. */
function resultFacts({ result = {} }: Restore): [string, string | undefined][] {
  const { notInBackup, settingsLeftOut, clearedRows, removedObjects, removedUnreferenced, kept } = result;
  return [
    ['Consistency', result.certificate && certificateText(result.certificate)],
    [
      'Cleaned up',
      removedUnreferenced ? `${plural(removedUnreferenced, 'object')} that no row knows` : undefined,
    ],
    ['Before', result.safetyBackupId && `${result.safetyBackupId} (the safety backup)`],
    ['Rolled back', result.rolledBack ? 'yes: the environment is as it was before' : undefined],
    ['Removed', removedObjects ? `${plural(removedObjects, 'object')} that did not belong there` : undefined],
    [
      'Cleared',
      clearedRows ? `${plural(clearedRows, 'row')} of generated files, which Liferay makes again` : undefined,
    ],
    [
      'Not in backup',
      notInBackup && `${plural(notInBackup.count, 'selected object')}, such as ${notInBackup.keys[0]}`,
    ],
    [
      'Settings left out',
      settingsLeftOut?.map(({ name, reason }) => `${name} (${reasonTexts[reason]})`).join(', '),
    ],
    ['Kept', kept && [kept.database, kept.documentLibrary].filter((place) => place !== undefined).join(', ')],
  ];
}

function certificateText({
  verdict,
  missing,
  wrongSize,
  unreferenced,
}: NonNullable<RestoreResult['certificate']>): string {
  const counts = [
    ...(missing + wrongSize > 0
      ? [`${plural(missing + wrongSize, 'object')} missing or of another size`]
      : []),
    ...(unreferenced > 0
      ? [`${plural(unreferenced, 'object')} that no row knows (--remove-unreferenced removes them)`]
      : []),
  ];
  return `${verdictTexts[verdict]}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`;
}

const verdictTexts = {
  consistent: 'database and library fit together',
  consistentWithSourceDrift: 'as in the backup, where not everything fitted',
  inconsistent: 'the restore made it worse',
  notApplicable: 'could not be compared',
} as const satisfies Record<NonNullable<RestoreResult['certificate']>['verdict'], string>;

const reasonTexts = {
  ofServer: "of the source's server",
  notPermitted: 'not permitted to this user',
  unknown: 'unknown to this server',
  invalid: 'not a value that this server takes',
} as const satisfies Record<SettingLeftOutReason, string>;

function nextSteps({ state, result, request }: Restore): string {
  if (state !== 'Succeeded') return '';
  const { database, documentLibrary } = result?.declare ?? {};
  const declare = [
    ...(database === undefined ? [] : [`database ${database}`]),
    ...(documentLibrary === undefined ? [] : [`library ${documentLibrary}`]),
  ];
  const point =
    request.mode === 'inPlace'
      ? 'start Liferay'
      : declare.length > 0
        ? `point Liferay and lcb.yaml to the new ${declare.join(' and ')}`
        : request.mode === 'swap'
          ? 'start Liferay'
          : 'point a Liferay at the target';
  return `\nNext: ${point}, reindex its search, and see that it works.\n`;
}
