import { createHash } from 'node:crypto';
import {
  BOOLEAN,
  DATE,
  DOUBLE,
  defineTable,
  INTEGER,
  type Index,
  KEY,
  LONG,
  STRING,
  type Table,
  TEXT,
  VARCHAR,
  ZERO,
} from '../../fixtures/table-definition.ts';
import { DLFileEntry, DLFileVersion } from '../../fixtures/tables/document-library.ts';
import { JournalArticle } from '../../fixtures/tables/web-content.ts';

const versioned = { mvccVersion: ZERO, ctCollectionId: ZERO } as const;
const owned = {
  groupId: LONG,
  companyId: LONG,
  userId: LONG,
  userName: VARCHAR(75),
  createDate: DATE,
  modifiedDate: DATE,
} as const;

/** The one table that is nearly all of the database, with the indexes that Liferay's has on columns which the fixtures have, too. */
export const articles: Table = withIndexes(JournalArticle, [
  '!uuid_ groupId ctCollectionId',
  'uuid_ companyId',
  'companyId version status',
  'displayDate status',
  'groupId articleId status',
  'groupId folderId status',
  'groupId urlTitle status',
  'resourcePrimKey indexable status',
  'resourcePrimKey status',
]);

/** The others that are large in most portals, with columns and indexes much as Liferay's. */
export const otherTables: readonly Table[] = [
  withIndexes(DLFileEntry, ['!uuid_ groupId ctCollectionId', 'companyId', 'mimeType', 'groupId userId']),
  withIndexes(DLFileVersion, ['!uuid_ groupId ctCollectionId', 'companyId', 'mimeType', 'companyId status']),
  withIndexes(
    defineTable(
      'AssetEntry',
      {
        ...versioned,
        entryId: KEY,
        ...owned,
        classNameId: LONG,
        classPK: LONG,
        classUuid: VARCHAR(75),
        classTypeId: LONG,
        listable: BOOLEAN,
        visible: BOOLEAN,
        publishDate: DATE,
        expirationDate: DATE,
        mimeType: VARCHAR(75),
        title: TEXT,
        description: TEXT,
        summary: TEXT,
        layoutUuid: VARCHAR(75),
        priority: DOUBLE,
      },
      ['entryId', 'ctCollectionId'],
    ),
    [
      '!classNameId classPK ctCollectionId',
      'companyId',
      'expirationDate',
      'groupId classNameId publishDate expirationDate',
      'groupId classUuid',
      'layoutUuid',
      'publishDate',
      'visible',
    ],
  ),
  withIndexes(
    defineTable(
      'ResourcePermission',
      {
        ...versioned,
        resourcePermissionId: KEY,
        companyId: LONG,
        name: VARCHAR(255),
        scope: INTEGER,
        primKey: VARCHAR(255),
        primKeyId: LONG,
        roleId: LONG,
        ownerId: LONG,
        actionIds: LONG,
        viewActionId: BOOLEAN,
      },
      ['resourcePermissionId', 'ctCollectionId'],
    ),
    [
      '!companyId name scope primKey roleId ctCollectionId',
      'companyId name scope primKeyId roleId viewActionId',
      'companyId primKey',
      'name',
      'roleId',
      'scope',
    ],
  ),
  withIndexes(
    defineTable(
      'Layout',
      {
        ...versioned,
        uuid_: VARCHAR(75),
        plid: KEY,
        ...owned,
        parentPlid: LONG,
        layoutId: LONG,
        privateLayout: BOOLEAN,
        parentLayoutId: LONG,
        classNameId: LONG,
        classPK: LONG,
        name: STRING,
        title: STRING,
        type_: VARCHAR(75),
        typeSettings: TEXT,
        friendlyURL: VARCHAR(255),
        sourcePrototypeLayoutUuid: VARCHAR(75),
      },
      ['plid', 'ctCollectionId'],
    ),
    [
      '!uuid_ groupId privateLayout ctCollectionId',
      '!groupId privateLayout layoutId ctCollectionId',
      'companyId',
      'parentPlid',
      'classNameId classPK',
      'groupId type_',
      'sourcePrototypeLayoutUuid',
    ],
  ),
  withIndexes(
    defineTable(
      'PortletPreferences',
      {
        ...versioned,
        portletPreferencesId: KEY,
        companyId: LONG,
        ownerId: LONG,
        ownerType: INTEGER,
        plid: LONG,
        portletId: VARCHAR(200),
      },
      ['portletPreferencesId', 'ctCollectionId'],
    ),
    [
      '!ownerId ownerType plid portletId ctCollectionId',
      'companyId ownerType portletId',
      'plid portletId',
      'portletId',
    ],
  ),
  withIndexes(
    defineTable(
      'PortletPreferenceValue',
      {
        ...versioned,
        portletPreferenceValueId: KEY,
        companyId: LONG,
        portletPreferencesId: LONG,
        index_: INTEGER,
        largeValue: TEXT,
        name: VARCHAR(255),
        readOnly: BOOLEAN,
        smallValue: VARCHAR(255),
      },
      ['portletPreferenceValueId', 'ctCollectionId'],
    ),
    ['!index_ name portletPreferencesId ctCollectionId', 'companyId', 'name smallValue'],
  ),
  withIndexes(
    defineTable(
      'FragmentEntryLink',
      {
        ...versioned,
        uuid_: VARCHAR(75),
        fragmentEntryLinkId: KEY,
        ...owned,
        fragmentEntryId: LONG,
        segmentsExperienceId: LONG,
        classNameId: LONG,
        classPK: LONG,
        plid: LONG,
        html: TEXT,
        editableValues: TEXT,
        namespace: VARCHAR(75),
        position: INTEGER,
        rendererKey: VARCHAR(200),
      },
      ['fragmentEntryLinkId', 'ctCollectionId'],
    ),
    [
      '!uuid_ groupId ctCollectionId',
      'companyId rendererKey',
      'fragmentEntryId',
      'groupId classNameId classPK',
      'groupId plid',
      'groupId segmentsExperienceId plid',
    ],
  ),
  withIndexes(
    defineTable(
      'DDMFieldAttribute',
      {
        ...versioned,
        fieldAttributeId: KEY,
        companyId: LONG,
        fieldId: LONG,
        storageId: LONG,
        attributeName: VARCHAR(255),
        languageId: VARCHAR(75),
        largeAttributeValue: TEXT,
        smallAttributeValue: VARCHAR(255),
      },
      ['fieldAttributeId', 'ctCollectionId'],
    ),
    [
      '!fieldId languageId attributeName ctCollectionId',
      'storageId attributeName languageId',
      'attributeName smallAttributeValue',
    ],
  ),
  withIndexes(
    defineTable(
      'JournalArticleLocalization',
      {
        ...versioned,
        articleLocalizationId: KEY,
        companyId: LONG,
        articlePK: LONG,
        title: VARCHAR(800),
        description: STRING,
        languageId: VARCHAR(75),
      },
      ['articleLocalizationId', 'ctCollectionId'],
    ),
    ['!articlePK languageId ctCollectionId', 'companyId'],
  ),
  withIndexes(
    defineTable(
      'AssetEntryAssetCategoryRel',
      {
        ...versioned,
        assetEntryAssetCategoryRelId: KEY,
        companyId: LONG,
        assetEntryId: LONG,
        assetCategoryId: LONG,
        priority: INTEGER,
      },
      ['assetEntryAssetCategoryRelId', 'ctCollectionId'],
    ),
    ['!assetEntryId assetCategoryId ctCollectionId', 'assetCategoryId'],
  ),
  withIndexes(
    defineTable(
      'SocialActivity',
      {
        ...versioned,
        activityId: KEY,
        groupId: LONG,
        companyId: LONG,
        userId: LONG,
        createDate: LONG,
        activitySetId: LONG,
        classNameId: LONG,
        classPK: LONG,
        type_: INTEGER,
        extraData: STRING,
        receiverUserId: LONG,
      },
      ['activityId', 'ctCollectionId'],
    ),
    [
      '!groupId userId createDate classNameId classPK type_ receiverUserId ctCollectionId',
      'activitySetId',
      'classNameId classPK type_',
      'companyId',
      'groupId',
      'receiverUserId',
      'userId',
    ],
  ),
];

/** Adds indexes by their columns; unique ones begin with `!`. Liferay names them after a hash of the columns. */
function withIndexes(table: Table, indexes: readonly string[]): Table {
  const added = indexes.map((text): Index => {
    const hash = createHash('sha256').update(`${table.name} ${text}`).digest('hex');
    return {
      name: `IX_${hash.slice(0, 8).toUpperCase()}`,
      columns: text.replace('!', '').split(' '),
      unique: text.startsWith('!'),
    };
  });
  return { ...table, indexes: [...table.indexes, ...added] };
}
