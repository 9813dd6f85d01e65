import { type StepKey, type StepName, stepTable } from '../workflow/step-table.ts';
import { certifyBackup } from './backup-consistency.ts';
import { pollDump, startDump } from './backup-database.ts';
import { finishBackup } from './backup-finish.ts';
import { pollImport, startImport } from './backup-import.ts';
import { copyLibraryShard, foldLibrary, planLibrary } from './backup-library.ts';
import { planBackup } from './backup-plan.ts';
import { listLibraryEarlier } from './backup-prelist.ts';
import { pollWhileQuiesced, quiesce, resume, secondsLeft, whileQuiesced } from './backup-quiesce.ts';
import { sealBackup } from './backup-seal.ts';
import { pollSearchSnapshot, startSearchSnapshot } from './backup-search.ts';
import { validateBackup } from './backup-validate.ts';
import { copyArtefacts, copyLibraryPart, foldCopiedIndex } from './copy-bytes.ts';
import { finishCopy } from './copy-finish.ts';
import { planCopy } from './copy-plan.ts';
import { sealCopy } from './copy-seal.ts';
import { validateCopy } from './copy-validate.ts';
import { finishDeletion, planDeletion, recordDeletion } from './delete-backup.ts';
import { type BoundStep, bindStep } from './execute-step.ts';
import { certifyRestored, pollRows, removeUnreferenced, startRows } from './restore-certificate.ts';
import { clearGenerated, pollLoad, startLoad } from './restore-database.ts';
import { finishRestore } from './restore-finish.ts';
import { copyRestoredShard, planRestoredLibrary } from './restore-library.ts';
import { removeOthers } from './restore-others.ts';
import { planRestore } from './restore-plan.ts';
import { reindex } from './restore-reindex.ts';
import { planRollback } from './restore-rollback.ts';
import { pollScripts, startScripts } from './restore-scripts.ts';
import { pollSearchRestore, startSearchRestore } from './restore-search.ts';
import { swapRestored } from './restore-swap.ts';
import { validateRestore } from './restore-validate.ts';
import { finishSweep, planSweep, removeReclaimable } from './sweep-backups.ts';
import { certifyScratch, pollScratchRows, startScratchRows } from './verify-certify.ts';
import { pollScratchLoad, startScratchLoad } from './verify-database.ts';
import { finishVerification } from './verify-finish.ts';
import { planVerification } from './verify-plan.ts';

/** What each step does. Every row of the step table has its implementation, or this does not compile. */
const boundSteps: Readonly<Record<StepKey, BoundStep>> = {
  backupPlan: bindStep(stepTable.backupPlan, planBackup),
  backupImportStart: bindStep(stepTable.backupImportStart, startImport),
  backupImportPoll: bindStep(stepTable.backupImportPoll, pollImport),
  backupLibraryPrelist: bindStep(
    stepTable.backupLibraryPrelist,
    whileQuiesced(listLibraryEarlier),
    secondsLeft,
  ),
  backupQuiesce: bindStep(stepTable.backupQuiesce, whileQuiesced(quiesce), secondsLeft),
  backupDatabaseStart: bindStep(stepTable.backupDatabaseStart, whileQuiesced(startDump), secondsLeft),
  backupDatabasePoll: bindStep(stepTable.backupDatabasePoll, pollWhileQuiesced(pollDump), secondsLeft),
  backupLibraryPlan: bindStep(stepTable.backupLibraryPlan, whileQuiesced(planLibrary), secondsLeft),
  backupLibraryCopy: bindStep(stepTable.backupLibraryCopy, whileQuiesced(copyLibraryShard), secondsLeft),
  backupLibraryFold: bindStep(stepTable.backupLibraryFold, whileQuiesced(foldLibrary), secondsLeft),
  backupSearchStart: bindStep(stepTable.backupSearchStart, whileQuiesced(startSearchSnapshot), secondsLeft),
  backupSearchPoll: bindStep(stepTable.backupSearchPoll, pollWhileQuiesced(pollSearchSnapshot), secondsLeft),
  backupResume: bindStep(stepTable.backupResume, resume),
  backupValidate: bindStep(stepTable.backupValidate, validateBackup),
  backupConsistency: bindStep(stepTable.backupConsistency, certifyBackup),
  backupSeal: bindStep(stepTable.backupSeal, sealBackup),
  backupFinish: bindStep(stepTable.backupFinish, finishBackup),
  restorePlan: bindStep(stepTable.restorePlan, planRestore),
  restoreDatabaseStart: bindStep(stepTable.restoreDatabaseStart, startLoad),
  restoreDatabasePoll: bindStep(stepTable.restoreDatabasePoll, pollLoad),
  restoreLibraryPlan: bindStep(stepTable.restoreLibraryPlan, planRestoredLibrary),
  restoreLibraryCopy: bindStep(stepTable.restoreLibraryCopy, copyRestoredShard),
  restoreLibraryRemove: bindStep(stepTable.restoreLibraryRemove, removeOthers),
  restoreSearchStart: bindStep(stepTable.restoreSearchStart, startSearchRestore),
  restoreSearchPoll: bindStep(stepTable.restoreSearchPoll, pollSearchRestore),
  restoreRollback: bindStep(stepTable.restoreRollback, planRollback),
  restoreGenerated: bindStep(stepTable.restoreGenerated, clearGenerated),
  restoreValidate: bindStep(stepTable.restoreValidate, validateRestore),
  restoreRowsStart: bindStep(stepTable.restoreRowsStart, startRows),
  restoreRowsPoll: bindStep(stepTable.restoreRowsPoll, pollRows),
  restoreCertify: bindStep(stepTable.restoreCertify, certifyRestored),
  restoreUnreferenced: bindStep(stepTable.restoreUnreferenced, removeUnreferenced),
  restoreScriptsStart: bindStep(stepTable.restoreScriptsStart, startScripts),
  restoreScriptsPoll: bindStep(stepTable.restoreScriptsPoll, pollScripts),
  restoreSwap: bindStep(stepTable.restoreSwap, swapRestored),
  restoreReindex: bindStep(stepTable.restoreReindex, reindex),
  restoreFinish: bindStep(stepTable.restoreFinish, finishRestore),
  deletePlan: bindStep(stepTable.deletePlan, planDeletion),
  deleteRecord: bindStep(stepTable.deleteRecord, recordDeletion),
  deleteFinish: bindStep(stepTable.deleteFinish, finishDeletion),
  sweepPlan: bindStep(stepTable.sweepPlan, planSweep),
  sweepRemove: bindStep(stepTable.sweepRemove, removeReclaimable),
  sweepFinish: bindStep(stepTable.sweepFinish, finishSweep),
  verifyPlan: bindStep(stepTable.verifyPlan, planVerification),
  verifyDatabaseStart: bindStep(stepTable.verifyDatabaseStart, startScratchLoad),
  verifyDatabasePoll: bindStep(stepTable.verifyDatabasePoll, pollScratchLoad),
  verifyRowsStart: bindStep(stepTable.verifyRowsStart, startScratchRows),
  verifyRowsPoll: bindStep(stepTable.verifyRowsPoll, pollScratchRows),
  verifyCertify: bindStep(stepTable.verifyCertify, certifyScratch),
  verifyFinish: bindStep(stepTable.verifyFinish, finishVerification),
  copyPlan: bindStep(stepTable.copyPlan, planCopy),
  copyArtefacts: bindStep(stepTable.copyArtefacts, copyArtefacts),
  copyLibrary: bindStep(stepTable.copyLibrary, copyLibraryPart),
  copyFold: bindStep(stepTable.copyFold, foldCopiedIndex),
  copyValidate: bindStep(stepTable.copyValidate, validateCopy),
  copySeal: bindStep(stepTable.copySeal, sealCopy),
  copyFinish: bindStep(stepTable.copyFinish, finishCopy),
};

/** All steps by their names. */
export const steps: ReadonlyMap<StepName, BoundStep> = new Map(
  Object.values(boundSteps).map((step) => [step.name, step]),
);
