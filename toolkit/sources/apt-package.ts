import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../host/hash-file.ts';
import type { AptState } from './apt-state.ts';
import type { SourceContext } from './source-context.ts';
import { keepInStore, storedFile, withStoreScratch, type StoredFile } from './store.ts';
import { Unavailable } from './unavailable.ts';
import { watchSize } from './watch-size.ts';

/** A Debian binary package in the store. */
export interface AptPackage {
  readonly name: string;
  /** Debian version: `1:5.0.2-1+deb12u4`. */
  readonly version: string;
  readonly deb: StoredFile;
}

/**
 * Downloads a package of apt's candidate version into the store; apt checks the signatures.
 * Lists older than a day are fetched again first, and also when the package is not found with those that are there.
 * Throws Unavailable with what apt says.
 */
export async function downloadPackage(
  name: string,
  apt: AptState,
  context: SourceContext,
): Promise<AptPackage> {
  if (!(await apt.isFresh())) await apt.refresh();
  try {
    return await downloadOnce(name, apt, context);
  } catch (error) {
    // An older list may also name a version that the mirrors have replaced since.
    if (!(error instanceof Unavailable) || apt.refreshed) throw error;
    await apt.refresh();
    return downloadOnce(name, apt, context);
  }
}

async function downloadOnce(name: string, apt: AptState, context: SourceContext): Promise<AptPackage> {
  const uri = parseUri(await apt.run(['download', '--print-uris', name], apt.dir));
  if (uri === undefined) throw new Unavailable(`apt names no file of the package ${name}`);
  const kept =
    uri.sha256 === undefined ? undefined : await storedFile(context.storeDir, uri.sha256, uri.fileName);
  if (kept !== undefined) return packageOf(uri.fileName, kept);
  return withStoreScratch(context.storeDir, async (dir) => {
    const unwatch = watchSize(dir, { total: uri.sizeBytes, text: name }, context);
    await apt.run(['download', name], dir).finally(unwatch);
    const fileName = (await readdir(dir)).find((file) => file.endsWith('.deb'));
    if (fileName === undefined) throw new Unavailable(`apt downloaded nothing for the package ${name}`);
    const file = join(dir, fileName);
    return packageOf(fileName, await keepInStore(context.storeDir, file, await hashFile(file), fileName));
  });
}

/** The line of `apt-get download --print-uris`: `'URI' NAME_VERSION_ARCHITECTURE.deb SIZE SHA256:HEX`. */
function parseUri(
  output: string,
): { fileName: string; sizeBytes: number; sha256: string | undefined } | undefined {
  const match = /^'[^']*' (\S+\.deb) (\d+)(.*)$/m.exec(output);
  if (match?.[1] === undefined) return undefined;
  const sha256 = /\bSHA256:([0-9a-f]{64})\b/.exec(match[3] ?? '')?.[1];
  return { fileName: match[1], sizeBytes: Number(match[2]), sha256 };
}

function packageOf(fileName: string, deb: StoredFile): AptPackage {
  // In file names apt writes the colon after an epoch as %3a.
  const [name = fileName, version = ''] = fileName.split('_');
  return { name, version: decodeURIComponent(version), deb };
}
