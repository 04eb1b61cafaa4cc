import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { KitError } from '../base/errors.ts';
import { makeDirs } from '../host/make-dirs.ts';

export interface RejectedFile {
  /** The bad file; on the store's file system. */
  readonly file: string;
  readonly name: string;
  /** Its origin, for people. */
  readonly origin: string;
  readonly expected: string;
  readonly found: string;
}

/** Keeps a file with the wrong sha256 as `rejected/<name>.rejected`; returns the SOURCE_HASH_MISMATCH to throw. */
export async function rejectFile(storeDir: string, rejected: RejectedFile): Promise<KitError> {
  const keptAs = inStore(storeDir, 'rejected', `${basename(rejected.name)}.rejected`);
  makeDirs(inStore(storeDir, 'rejected'));
  await rename(rejected.file, keptAs);
  return new KitError('SOURCE_HASH_MISMATCH', `${rejected.name} has the wrong sha256`, {
    lines: [
      `expected ${rejected.expected}`,
      `found    ${rejected.found}`,
      `from     ${rejected.origin}`,
      `kept as  ${keptAs}`,
    ],
    hint: 'if you want this file, check its origin and write the sha256 found into the board profile',
  });
}
