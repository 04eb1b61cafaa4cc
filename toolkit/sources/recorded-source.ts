import { existsSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hashBytes, hashFile } from '../host/hash-file.ts';
import { openSealed, sealText } from '../host/sealed-text.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { pathIdentity } from './path-identity.ts';
import type { ResolvedSource, SourceRequest } from './resolve-source.ts';
import type { SourceSpec } from './source-spec.ts';

/** The format of a record; raise it when what is in it changes. */
const RECORD_VERSION = 1;

interface SourceRecord {
  readonly version: number;
  /** Which of the request's candidates was taken. */
  readonly candidate: number;
  /** Of a `path` candidate, when it was taken. */
  readonly pathIdentity?: string;
  /** Paths of `files` are relative to the store, which may be moved. */
  readonly resolved: ResolvedSource;
  /** When each of `files` was last written to, in milliseconds since 1970. */
  readonly writtenMs?: readonly number[];
}

/**
 * What an earlier run took for the same request, when all of it is still there. Looks at names, sizes and times, not at
 * the network; the bytes of a file are read only when somebody wrote to it since, and removed when they are others. A
 * `path` candidate that changed, or that came to be and goes first, undoes it.
 */
export async function recordedSource(
  request: SourceRequest,
  storeDir: string,
): Promise<ResolvedSource | undefined> {
  const record = await readRecord(request, storeDir);
  if (record === undefined) return undefined;
  const earlier = request.candidates.slice(0, record.candidate);
  if (earlier.some((spec) => 'path' in spec && existsSync(spec.path))) return undefined;
  const spec = request.candidates[record.candidate];
  if (spec !== undefined && 'path' in spec && pathIdentity(spec.path) !== record.pathIdentity)
    return undefined;
  const files = record.resolved.files.map((file) => ({ ...file, file: join(storeDir, file.file) }));
  for (const [index, { file, sizeBytes, sha256 }] of files.entries()) {
    const found = await stat(file).catch(() => undefined);
    if (found?.size !== sizeBytes) return undefined;
    if (found.mtimeMs === record.writtenMs?.[index] || (await hashFile(file)) === sha256) continue;
    await rm(file, { force: true });
    return undefined;
  }
  return { ...record.resolved, version: record.resolved.version, files };
}

/** Notes what was taken for a request. */
export async function writeRecord(
  request: SourceRequest,
  spec: SourceSpec,
  resolved: ResolvedSource,
  storeDir: string,
): Promise<void> {
  const written = await Promise.all(resolved.files.map(({ file }) => stat(file)));
  const record: SourceRecord = {
    version: RECORD_VERSION,
    candidate: request.candidates.indexOf(spec),
    ...('path' in spec ? { pathIdentity: pathIdentity(spec.path) } : {}),
    writtenMs: written.map(({ mtimeMs }) => mtimeMs),
    resolved: {
      ...resolved,
      files: resolved.files.map((file) => ({ ...file, file: relative(storeDir, file.file) })),
    },
  };
  await writeAtomic(recordFile(request, storeDir), sealText(`${JSON.stringify(record, null, 2)}\n`));
}

async function readRecord(request: SourceRequest, storeDir: string): Promise<SourceRecord | undefined> {
  try {
    const text = openSealed(await readFile(recordFile(request, storeDir), 'utf8'));
    const record = JSON.parse(text ?? '') as SourceRecord;
    return record.version === RECORD_VERSION ? record : undefined;
  } catch {
    // Not there, or not as it was written: then the source is looked for anew.
    return undefined;
  }
}

function recordFile({ component, candidates, prebuilt }: SourceRequest, storeDir: string): string {
  return join(storeDir, 'resolved', `${hashBytes(JSON.stringify({ component, candidates, prebuilt }))}.json`);
}
