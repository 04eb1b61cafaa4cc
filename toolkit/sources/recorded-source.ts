import { readFile, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { hashBytes, hashFile } from '../host/hash-file.ts';
import { openSealed, sealText } from '../host/sealed-text.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import type { SourceRequest } from './source-request.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { openSource, type SourceSpec } from './source-kinds.ts';

/** The format of a record; raise it when the contents change. */
const RECORD_VERSION = 1;

interface SourceRecord {
  readonly version: number;
  /** The index of the candidate that was taken. */
  readonly candidate: number;
  /** For a candidate on the host, its identity when it was taken. */
  readonly pathIdentity?: string;
  /** Paths of `files` are relative to the store, which may be moved. */
  readonly resolved: ResolvedSource;
  /** The modification time of each of `files`, in milliseconds since 1970. */
  readonly writtenMs?: readonly number[];
}

/**
 * Returns the source that an earlier run took for the same request, if it is complete. It checks names, sizes and
 * times, without the network. The bytes of a file are read only if it was written since; a file with wrong bytes is
 * removed. A candidate on the host that has changed, or an earlier one that exists now, makes the record invalid.
 */
export async function recordedSource(
  request: SourceRequest,
  storeDir: string,
): Promise<ResolvedSource | undefined> {
  const record = await readRecord(request, storeDir);
  if (record === undefined) return undefined;
  const earlier = request.candidates.slice(0, record.candidate);
  if (earlier.some((spec) => openSource(spec).local?.exists() === true)) return undefined;
  const spec = request.candidates[record.candidate];
  const local = spec === undefined ? undefined : openSource(spec).local;
  if (local !== undefined && local.identity() !== record.pathIdentity) return undefined;
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

/** Records the source that was taken for a request. */
export async function writeRecord(
  request: SourceRequest,
  spec: SourceSpec,
  resolved: ResolvedSource,
  storeDir: string,
): Promise<void> {
  const { local } = openSource(spec);
  const written = await Promise.all(resolved.files.map(({ file }) => stat(file)));
  const record: SourceRecord = {
    version: RECORD_VERSION,
    candidate: request.candidates.indexOf(spec),
    ...(local === undefined ? {} : { pathIdentity: local.identity() }),
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
    // Missing or damaged: the source is looked for again.
    return undefined;
  }
}

function recordFile({ component, candidates, prebuilt }: SourceRequest, storeDir: string): string {
  return inStore(
    storeDir,
    'resolved',
    `${hashBytes(JSON.stringify({ component, candidates, prebuilt }))}.json`,
  );
}
