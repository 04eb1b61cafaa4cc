import { randomBytes } from 'node:crypto';
import { access, constants, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { systemErrorCode } from '../base/errors.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { writeAtomic } from '../host/write-atomic.ts';

/** The part of a file that was downloaded so far; no other process touches it until it is given back. */
export interface PartialFile {
  readonly file: string;
  /** Leaves the bytes to a later run, as `partial/<sha256>.part`; cleans up if there are none or the file was moved. */
  giveBack(): Promise<void>;
}

/**
 * Claims the rest of an earlier, broken download of this content, or a name for a new one.
 * Claiming is a rename, so only one of two processes gets it, and the other starts again.
 */
export async function claimPartial(storeDir: string, sha256: string): Promise<PartialFile> {
  const dir = inStore(storeDir, 'partial');
  makeDirs(dir);
  const left = join(dir, `${sha256}.part`);
  const file = `${left}.${hostname()}.${process.pid}.${randomBytes(4).toString('hex')}`;
  for (const candidate of [left, ...(await orphans(dir, sha256))]) {
    if ((await isWritable(candidate)) && (await renamed(candidate, file))) break;
  }
  return {
    file,
    giveBack: async () => {
      const sizeBytes = await stat(file).then(
        ({ size }) => size,
        () => 0,
      );
      if (sizeBytes > 0) {
        await rename(file, left);
        return;
      }
      await rm(file, { force: true });
      await rm(validatorFile(storeDir, sha256), { force: true });
    },
  };
}

/** The server's version of a partly downloaded file: the value for If-Range, valid for that URL only. */
export interface Validator {
  readonly url: string;
  readonly value: string;
}

/** Saves the validator of a new download, for a run that may have to continue it. */
export async function writeValidator(storeDir: string, sha256: string, validator: Validator): Promise<void> {
  await writeAtomic(validatorFile(storeDir, sha256), `${JSON.stringify(validator)}\n`);
}

/** The saved validator of a partial download, if there is one. */
export async function readValidator(storeDir: string, sha256: string): Promise<Validator | undefined> {
  try {
    const noted: unknown = JSON.parse(await readFile(validatorFile(storeDir, sha256), 'utf8'));
    if (typeof noted !== 'object' || noted === null || !('url' in noted) || !('value' in noted))
      return undefined;
    return { url: String(noted.url), value: String(noted.value) };
  } catch {
    return undefined;
  }
}

function validatorFile(storeDir: string, sha256: string): string {
  return inStore(storeDir, 'partial', `${sha256}.json`);
}

/** Parts claimed by processes of this machine that were killed before they could give them back. */
async function orphans(dir: string, sha256: string): Promise<string[]> {
  const prefix = `${sha256}.part.${hostname()}.`;
  const names = (await readdir(dir)).filter((name) => name.startsWith(prefix)).sort();
  return names
    .filter((name) => !isAlive(Number(name.slice(prefix.length).split('.')[0])))
    .map((name) => join(dir, name));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

/** In a shared store, another user's part cannot be continued. */
async function isWritable(file: string): Promise<boolean> {
  return access(file, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
