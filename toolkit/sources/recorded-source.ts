import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hashBytes } from '../host/hash-file.ts';
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
}

/**
 * What an earlier run took for the same request, when all of it is still there. Looks at names and sizes only,
 * not at the network nor the contents. A `path` candidate that changed, or that came to be and goes first, undoes it.
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
  for (const { file, sizeBytes } of files) {
    const found = await stat(file).catch(() => undefined);
    if (found?.size !== sizeBytes) return undefined;
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
  const record: SourceRecord = {
    version: RECORD_VERSION,
    candidate: request.candidates.indexOf(spec),
    ...('path' in spec ? { pathIdentity: pathIdentity(spec.path) } : {}),
    resolved: {
      ...resolved,
      files: resolved.files.map((file) => ({ ...file, file: relative(storeDir, file.file) })),
    },
  };
  await writeAtomic(recordFile(request, storeDir), `${JSON.stringify(record, null, 2)}\n`);
}

async function readRecord(request: SourceRequest, storeDir: string): Promise<SourceRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(recordFile(request, storeDir), 'utf8')) as SourceRecord;
    return record.version === RECORD_VERSION ? record : undefined;
  } catch {
    // Not there, or cut short by a full disk: then the source is looked for anew.
    return undefined;
  }
}

function recordFile({ component, candidates, prebuilt }: SourceRequest, storeDir: string): string {
  return join(storeDir, 'resolved', `${hashBytes(JSON.stringify({ component, candidates, prebuilt }))}.json`);
}
