import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../host/hash-file.ts';
import type { AptState } from './apt-state.ts';
import type { SourceContext } from '../download/source-context.ts';
import { keepInStore, storedFile, withStoreScratch, type StoredFile } from '../download/store.ts';
import { Unavailable } from '../download/unavailable.ts';
import { watchSize } from '../download/watch-size.ts';

/** A Debian binary package in the store. */
export interface AptPackage {
  readonly name: string;
  /** Debian version: `1:5.0.2-1+deb12u4`. */
  readonly version: string;
  readonly deb: StoredFile;
}

/**
 * Downloads the package of exactly this name, in apt's candidate version, into the store; apt checks the signatures.
 * Package lists are fetched first when they are older than a day or do not contain the package.
 * Throws Unavailable with apt's message.
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
    // An older list may also contain a version that the mirrors have replaced.
    if (!(error instanceof Unavailable) || apt.refreshed) throw error;
    await apt.refresh();
    return downloadOnce(name, apt, context);
  }
}

async function downloadOnce(name: string, apt: AptState, context: SourceContext): Promise<AptPackage> {
  const offered = parseUris(await apt.run(['download', '--print-uris', name], apt.dir));
  const uri = offered.find(({ fileName }) => packageNameOf(fileName) === name);
  if (uri === undefined) throw notOffered(name, offered, apt);
  const kept =
    uri.sha256 === undefined ? undefined : await storedFile(context.storeDir, uri.sha256, uri.fileName);
  if (kept !== undefined) return packageOf(uri.fileName, kept);
  return withStoreScratch(context.storeDir, async (dir) => {
    const unwatch = watchSize(dir, { total: uri.sizeBytes, text: name }, context);
    await apt.run(['download', name], dir).finally(unwatch);
    const fileName = (await readdir(dir)).find((file) => file.endsWith('.deb'));
    if (fileName === undefined) throw new Unavailable(`apt downloaded nothing for the package ${name}`);
    if (packageNameOf(fileName) !== name)
      throw new Unavailable(`apt downloaded ${fileName} for the package ${name}`);
    const file = join(dir, fileName);
    return packageOf(fileName, await keepInStore(context.storeDir, file, await hashFile(file), fileName));
  });
}

interface OfferedFile {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string | undefined;
}

/** The lines of `apt-get download --print-uris`: `'URI' NAME_VERSION_ARCHITECTURE.deb SIZE SHA256:HEX`. */
function parseUris(output: string): OfferedFile[] {
  return [...output.matchAll(/^'[^']*' (\S+\.deb) (\d+)(.*)$/gm)].map(
    ([, fileName = '', size, rest = '']) => ({
      fileName,
      sizeBytes: Number(size),
      sha256: /\bSHA256:([0-9a-f]{64})\b/.exec(rest)?.[1],
    }),
  );
}

/** Apt reads an unknown name with a dot or a plus as a regular expression (apt-get(8)). */
function notOffered(name: string, offered: readonly OfferedFile[], apt: AptState): Unavailable {
  const others = [...new Set(offered.map(({ fileName }) => packageNameOf(fileName)))];
  const similar = others.length === 0 ? '' : `; it has ${others.slice(0, 3).join(', ')}`;
  return new Unavailable(`apt has no package ${name} for ${apt.architecture}${similar}`);
}

function packageNameOf(fileName: string): string {
  return fileName.replace(/_.*$/, '');
}

function packageOf(fileName: string, deb: StoredFile): AptPackage {
  // In file names, apt writes the colon after an epoch as %3a.
  const [name = fileName, version = ''] = fileName.split('_');
  return { name, version: decodeURIComponent(version), deb };
}
