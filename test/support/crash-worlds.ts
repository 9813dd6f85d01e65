import type { LocalSettings } from '@lcb/functions-local';
import type { ComparedEnvironment } from '../compare/index.ts';
import { tiny } from '../fixtures/index.ts';
import { compared, movedTo, storesOf, uploadFolder } from './bucket-fixture.ts';
import type { DatabaseKind } from './fixture-database.ts';
import { type LocalFixture, localFixture, type PlacedEnvironment } from './local-fixture.ts';
import { startS3Server } from './s3-server.ts';

const BUCKET = 'crashes';
/** Keeps versions: its library is backed up as of the database's moment. */
const LIBRARY_BUCKET = 'living';

/** What is killed while it backs up, restores and deletes, and how its data is looked at. */
export interface CrashWorld {
  readonly fixture: LocalFixture;
  readonly settings: LocalSettings;
  readonly source: PlacedEnvironment;
  newEnvironment(name: string): PlacedEnvironment;
  compared(place: PlacedEnvironment): ComparedEnvironment;
  /** As a script names it. */
  readonly companyTable: string;
  remove(): Promise<void>;
}

/** Library and backups in folders. */
export async function folderWorld(database: DatabaseKind): Promise<CrashWorld> {
  const fixture = await localFixture(tiny(), { database });
  return {
    fixture,
    settings: await fixture.settings(),
    source: fixture.source,
    newEnvironment: fixture.newEnvironment,
    compared: (place) => place,
    // A script may not name a database, and on MySQL that is what a schema is.
    companyTable: database === 'mariadb' ? 'Company' : 'lportal.Company',
    remove: fixture.remove,
  };
}

/** Libraries and backups in buckets. */
export async function bucketWorld(): Promise<CrashWorld> {
  const [fixture, server] = await Promise.all([localFixture(), startS3Server('versitygw')]);
  await server.createBucket(BUCKET);
  await server.createBucket(LIBRARY_BUCKET, { versions: true });
  await uploadFolder(server, fixture.source.libraryFolder, LIBRARY_BUCKET, 'library/');
  const inBucket = (library: string, bucket = BUCKET) => ({
    library: `s3://${bucket}/${library}`,
    backups: `s3://${BUCKET}/backups`,
  });
  return {
    fixture,
    settings: await fixture.settings(
      {},
      [BUCKET, LIBRARY_BUCKET].flatMap((bucket) => storesOf(server, bucket)),
    ),
    source: movedTo(fixture.source, inBucket('library', LIBRARY_BUCKET)),
    newEnvironment: (name) => movedTo(fixture.newEnvironment(name), inBucket(name)),
    compared: (place) => compared(place, server),
    companyTable: 'lportal.Company',
    async remove() {
      await fixture.remove();
      await server.stop();
    },
  };
}
