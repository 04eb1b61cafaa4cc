import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KitError, systemErrorCode } from '../base/errors.ts';
import { kindOfFile } from '../host/read-user-file.ts';
import { asTarball } from '../unpack/deb.ts';
import { treeIdentity } from './path-identity.ts';
import { rejectFile } from '../download/reject-file.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { SourceContext } from '../download/source-context.ts';
import { keepInStore, writeFailure, withStoreScratch, type StoredFile } from '../download/store.ts';
import { Unavailable } from '../download/unavailable.ts';
import { versionFromName } from '../download/version-from-name.ts';
import { versionOfTree } from './version.ts';

/** A user's tarball or directory, in a profile. */
export interface PathSpec {
  readonly path: string;
  readonly version?: string | undefined;
  readonly sha256?: string | undefined;
}

/** Takes a user's directory, or copies a user's tarball to the store. Throws Unavailable or SOURCE_HASH_MISMATCH. */
export async function takePath(
  component: string,
  spec: PathSpec,
  context: SourceContext,
): Promise<ResolvedSource> {
  const { path } = spec;
  const stats = await stat(path).catch((error: unknown) => {
    throw new Unavailable(
      systemErrorCode(error) === 'ENOENT' ? 'there is no such file or directory' : String(error),
    );
  });
  if (stats.isDirectory()) return takeTree(component, spec);
  if (!stats.isFile()) throw new Unavailable(`it is a ${kindOfFile(stats)}, not a regular file or a folder`);
  const tarball = await asTarball(await copyIntoStore(spec, context), context);
  return {
    component,
    kind: 'path',
    form: 'tarball',
    version: spec.version ?? versionFromName(basename(path)),
    origin: path,
    sha256: tarball.sha256,
    files: [tarball],
  };
}

async function takeTree(component: string, { path, version, sha256 }: PathSpec): Promise<ResolvedSource> {
  if (sha256 !== undefined) {
    throw new KitError('SOURCE_HASH_MISMATCH', `${path} is a directory, and only a file can have a sha256`, {
      hint: 'remove the sha256 from the board profile, or give a tarball',
    });
  }
  return {
    component,
    kind: 'tree',
    form: 'tree',
    version: version ?? (await versionOfTree(component, path)),
    origin: path,
    sha256: treeIdentity(path),
    files: [],
    treeDir: path,
  };
}

/** The user may change the file later, so the store gets its own copy, and the copy is hashed. */
async function copyIntoStore(
  { path, sha256: expected }: PathSpec,
  context: SourceContext,
): Promise<StoredFile> {
  const { storeDir, signal } = context;
  const name = basename(path);
  return withStoreScratch(storeDir, async (dir) => {
    const copy = join(dir, name);
    const hash = createHash('sha256');
    async function* hashed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    }
    try {
      await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), hashed, createWriteStream(copy), {
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (isAbout(error, path)) throw new Unavailable(`it cannot be read (${systemErrorCode(error) ?? ''})`);
      throw writeFailure(storeDir, error);
    }
    const found = hash.digest('hex');
    if (expected !== undefined && expected !== found) {
      throw await rejectFile(storeDir, { file: copy, name, origin: path, expected, found });
    }
    return keepInStore(storeDir, copy, found, name);
  });
}

function isAbout(error: unknown, path: string): boolean {
  return error instanceof Error && 'path' in error && error.path === path;
}
