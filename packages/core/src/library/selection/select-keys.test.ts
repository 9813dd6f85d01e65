import { describe, expect, it } from 'vitest';
import { librarySelectionSchema } from '../../model/run.ts';
import type { LibraryRow } from '../../repository/library-rows.ts';
import { toArray } from '../../testing/streams.ts';
import { selectKeys } from './select-keys.ts';

function folder(folderId: string, parentFolderId: string, name: string, more = {}): LibraryRow<'DLFolder'> {
  return {
    schema: 'lportal',
    folderId,
    ctCollectionId: '0',
    companyId: '1',
    groupId: '10',
    repositoryId: '10',
    parentFolderId,
    mountPoint: false,
    treePath: null,
    name,
    modifiedDate: null,
    ...more,
  };
}

function version(
  fileVersionId: string,
  fileEntryId: string,
  folderId: string,
  key: string | null,
  more = {},
): LibraryRow<'DLFileVersion'> {
  return {
    schema: 'lportal',
    fileVersionId,
    ctCollectionId: '0',
    fileEntryId,
    companyId: '1',
    groupId: '10',
    fileName: null,
    mimeType: null,
    title: null,
    version: '1.0',
    storeUUID: null,
    size_: 1,
    checksum: null,
    status: 0,
    createDate: null,
    modifiedDate: null,
    name: null,
    folderId,
    repositoryId: '10',
    key,
    ...more,
  };
}

// A child that comes before its parent, two sites with the same folder, a folder of a publication.
const folders = [
  folder('90', '100', '2024'),
  folder('100', '0', 'Marketing'),
  folder('110', '90', 'Q1'),
  folder('120', '0', 'Sales'),
  folder('130', '0', 'Marketing', { groupId: '20', companyId: '2' }),
  folder('140', '0', 'Draft', { ctCollectionId: '7' }),
  folder('150', '90', 'Moved here by a publication', { ctCollectionId: '7' }),
  folder('90', '0', 'Other', { schema: 'lpartition_2' }),
];
const versions = [
  version('1', '1000', '110', null),
  version('2', '1001', '100', '1/100/501/1.0'),
  version('3', '1002', '110', '1/110/502/1.0'),
  version('4', '1002', '110', '1/110/502/1.1'),
  version('5', '1002', '110', '1/110/502/1.1', { ctCollectionId: '7' }),
  version('6', '1003', '120', '1/120/503/1.0'),
  version('7', '1004', '130', '2/130/504/1.0', { companyId: '2', groupId: '20' }),
  version('9', '1006', '150', '1/150/509/1.0'),
  version('8', '1005', '90', '3/90/505/1.0', { schema: 'lpartition_2', companyId: '3', groupId: '20' }),
  version('10', '1003', '90', '3/90/510/1.0', { schema: 'lpartition_2', companyId: '3', groupId: '30' }),
];
async function* each<T>(rows: readonly T[]) {
  yield* rows;
}

async function selected(selection: object): Promise<string[]> {
  const keys = selectKeys(librarySelectionSchema.parse(selection), {
    folders: () => each(folders),
    fileVersions: () => each(versions),
  });
  return (await toArray(keys)).map(({ key }) => key);
}

describe('selecting a part of a library', () => {
  it('takes a folder with its subfolders and all versions, each object once', async () => {
    expect(await selected({ folders: [{ path: '/Marketing', groupId: '10' }] })).toEqual([
      '1/100/501/1.0',
      '1/110/502/1.0',
      '1/110/502/1.1',
    ]);
    expect(await selected({ folders: [{ path: '/Marketing/2024/' }] })).toEqual([
      '1/110/502/1.0',
      '1/110/502/1.1',
    ]);
  });

  it('takes everything of a site, entries, versions, and narrows by company', async () => {
    const site = { folders: [{ path: '/', groupId: '20' }] };
    expect(await selected({ ...site, companies: ['2'] })).toEqual(['2/130/504/1.0']);
    expect(await selected({ ...site, companies: ['3'] })).toEqual(['3/90/505/1.0']);
    expect(await selected({ fileEntries: ['1002'], fileVersions: ['6'] })).toEqual([
      '1/110/502/1.0',
      '1/110/502/1.1',
      '1/120/503/1.0',
    ]);
    expect(await selected({ fileEntries: ['1003'], companies: ['1'] })).toEqual(['1/120/503/1.0']);
    expect(await selected({ fileEntries: ['1002', '1004'], companies: ['2'] })).toEqual(['2/130/504/1.0']);
  });

  it.each([
    [{ folders: [{ path: '/Marketing' }] }, 'restore.folderAmbiguous', /20 \(of company 2\)/],
    [{ folders: [{ path: '/', groupId: '20' }] }, 'restore.selectionAmbiguous', /Name the company/],
    [{ fileEntries: ['1003'] }, 'restore.selectionAmbiguous', /Name the company/],
    [{ folders: [{ path: '/' }] }, 'restore.folderAmbiguous', /Name the site/],
    [{ folders: [{ path: '/marketing' }] }, 'restore.folderMissing', /there are "Marketing", "Sales"/],
    [{ folders: [{ path: '/Sales/2024' }] }, 'restore.folderMissing', /no folder in \/Sales/],
    [{ folders: [{ path: '/Draft' }] }, 'restore.folderMissing', /"Draft"/],
    [{ fileEntries: ['4711'] }, 'restore.selectionEmpty', /no file/],
  ])('says what is wrong with %j', async (selection, code, message) => {
    await expect(selected(selection)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
