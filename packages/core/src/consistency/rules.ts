/** The rules of the comparison, as a certificate carries them: readable when nobody remembers this code. */
export const rules = {
  rows: 'An object is expected for each key that a row of DLFileVersion or Image in production (ctCollectionId 0) names. Objects of publications may lie in the database (CTSContent) and are not expected.',
  sizes:
    'Sizes are those of DLFileVersion.size_. A row of Image says nothing reliable of a size, so that only its presence is looked at.',
  extras:
    'An object that no row names is unreferenced, unless Liferay makes it again by itself (document_preview, document_thumbnail, adaptive) or keeps it outside of these tables ({companyId}/0/).',
  generated: 'Generated files were left out on demand and are not missed.',
  leftOutSchemas:
    'The schemas of some companies were left out of the dump on demand: nobody can tell which of their objects belong.',
  exact:
    'The bucket keeps every version. Of each key the backup has the version that was current at the moment of the database; of a key that a row names, the newest one until then of a size that a row says, even if it was deleted before the transaction was committed, or the first such one after it. What had been deleted or replaced long before, although a row names it, is in the backup again and counted.',
  backupBlame:
    'Missing is blamed on the backup where the object was in the listing taken before the database or in the one that the copy went by, where it is there when asked for by its key although no listing has it, or where its rows were written between the first listing and the moment of the database. A wrong size is blamed on the backup unless the first listing shows the same size. Anything else was so at the source.',
  arrived:
    'An object that came after the first listing is newer than the moment of the database and is not counted as unreferenced.',
  restoreBlame:
    'What does not fit is blamed on the restore where the backup has the object, or has it with another size; an object that the backup does not have is blamed on it, too. Anything else was so in the backup.',
} as const;
