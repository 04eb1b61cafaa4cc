import { isMap } from '../base/is-map.ts';
import { isAbsolute, posix } from 'node:path';

/** Raise it when the format changes; results of older versions are then not found. */
export const STORED_SCHEMA = 1;

/** The limit for a stored result: the lists of the largest steps take a few megabytes. */
export const MAX_RESULT_BYTES = 16 << 20;

/** One file, directory or symlink of a stored output. */
export type StoredEntry =
  | { readonly type: 'dir'; readonly name: string; readonly mode: number }
  | { readonly type: 'link'; readonly name: string; readonly target: string }
  | {
      readonly type: 'file';
      readonly name: string;
      readonly mode: number;
      readonly sha256: string;
      readonly sizeBytes: number;
    };

export interface StoredOutput {
  /** Portable path, see `PortablePaths`. */
  readonly path: string;
  /** The output itself has the name ''; a directory comes before its contents. */
  readonly entries: readonly StoredEntry[];
}

/** The stored result of a step: everything but the bytes of its files. */
export interface StoredResult {
  readonly schema: typeof STORED_SCHEMA;
  /** The fingerprint itself, since a name by hash alone could not be checked. */
  readonly fingerprint: unknown;
  readonly result: unknown;
  readonly digest: string;
  readonly seconds: number;
  readonly warnings: readonly string[];
  readonly outputs: readonly StoredOutput[];
}

/** Parses a stored result; undefined for anything else. */
export function parseStoredResult(bytes: Uint8Array): StoredResult | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
  return isStoredResult(value) ? value : undefined;
}

/** The blobs of a result; bytes that several files share are listed once. */
export function blobsOf({
  outputs,
}: StoredResult): { readonly sha256: string; readonly sizeBytes: number }[] {
  const sizes = new Map<string, number>();
  for (const { entries } of outputs)
    for (const entry of entries) if (entry.type === 'file') sizes.set(entry.sha256, entry.sizeBytes);
  return Array.from(sizes, ([sha256, sizeBytes]) => ({ sha256, sizeBytes }));
}

function isStoredResult(value: unknown): value is StoredResult {
  return (
    isMap(value) &&
    value['schema'] === STORED_SCHEMA &&
    isMap(value['fingerprint']) &&
    typeof value['digest'] === 'string' &&
    isAmount(value['seconds']) &&
    Array.isArray(value['warnings']) &&
    value['warnings'].every((one) => typeof one === 'string') &&
    Array.isArray(value['outputs']) &&
    value['outputs'].every(isOutput) &&
    areApart(value['outputs'])
  );
}

/** No output is inside another, which could have a symlink there that leads anywhere. */
function areApart(outputs: readonly StoredOutput[]): boolean {
  const paths = outputs.map(({ path }) => path);
  return !paths.some((path, index) =>
    paths.some((other, at) => at !== index && (path === other || path.startsWith(`${other}/`))),
  );
}

function isOutput(value: unknown): value is StoredOutput {
  return (
    isMap(value) &&
    typeof value['path'] === 'string' &&
    OUTPUT_PATH.test(value['path']) &&
    Array.isArray(value['entries']) &&
    value['entries'].every(isEntry) &&
    value['entries'][0]?.type !== 'link' &&
    hasAllParents(value['entries'])
  );
}

/** A portable path below the out directory: a cache must not reach any other file. */
const OUTPUT_PATH = /^\0out(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)+$/;

/** Each entry is in a directory that came before it, never behind a symlink, which could lead anywhere. */
function hasAllParents(entries: readonly StoredEntry[]): boolean {
  const seen = new Map<string, StoredEntry['type']>();
  for (const { name, type } of entries) {
    const parent = name.includes('/') ? posix.dirname(name) : '';
    if (seen.has(name) || (name !== '' && seen.get(parent) !== 'dir')) return false;
    seen.set(name, type);
  }
  return entries[0]?.name === '';
}

function isEntry(value: unknown): value is StoredEntry {
  if (!isMap(value) || typeof value['name'] !== 'string' || !staysInside(value['name'])) return false;
  if (value['type'] === 'link') return isTarget(value['target']);
  if (!isMode(value['mode'])) return false;
  if (value['type'] === 'dir') return true;
  return value['type'] === 'file' && isSha256(value['sha256']) && isSize(value['sizeBytes']);
}

const isAmount = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && Number.isFinite(value);

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** Permission bits, with setuid, setgid and sticky. */
const isMode = (value: unknown): boolean => isSize(value) && Number(value) <= 0o7777;

/** A path that the system accepts: PATH_MAX in limits.h is 4096, including the final NUL. */
const isTarget = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && !value.includes('\0') && Buffer.byteLength(value) < 4096;

/** A name from a shared cache must not lead out of the output. */
function staysInside(name: string): boolean {
  if (isAbsolute(name) || name.includes('\0') || Buffer.from(name).toString() !== name) return false;
  const parts = name.split('/');
  if (name !== '' && parts.some((part) => part === '' || part === '.')) return false;
  return parts.every((part) => part !== '..' && Buffer.byteLength(part) < 256);
}

export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
