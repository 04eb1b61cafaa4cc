import { hashBytes, hashFile } from '../host/hash-file.ts';
import { systemErrorCode } from '../base/errors.ts';
import type { Json, Step, StepInputs } from './step.ts';

/** Everything that decides the result of a step, in the order in which it is stored and compared. */
export interface Fingerprint {
  readonly id: string;
  readonly revision: number;
  readonly settings: Readonly<Record<string, Json>>;
  /** Label of each input file and the sha256 of its bytes; `missing` for a file that does not exist. */
  readonly files: Readonly<Record<string, string>>;
  /** Id of each needed step and the digest of its outputs. */
  readonly needs: Readonly<Record<string, string>>;
}

export interface FingerprintOptions {
  /** Returns the sha256 of an input file, or `missing`, without looking at the disk. */
  readonly hashOf?: ((file: string) => string | undefined) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Makes the fingerprint of a step whose needs are done; `digestOf` gives the digest of each. */
export async function fingerprintStep(
  step: Step,
  inputs: StepInputs,
  digestOf: (needed: Step) => string,
  { hashOf = () => undefined, signal }: FingerprintOptions = {},
): Promise<Fingerprint> {
  const files: Record<string, string> = {};
  for (const [label, file] of sortedEntries(inputs.files ?? {})) {
    // A user's directory may have a hundred thousand files.
    signal?.throwIfAborted();
    files[label] = hashOf(file) ?? (await hashOrMissing(file));
  }
  const needs: Record<string, string> = {};
  for (const needed of step.needs) needs[needed.id] = digestOf(needed);
  return { id: step.id, revision: step.revision, settings: sortKeys(inputs.settings), files, needs };
}

/** Describes how the fingerprint of the last run differs from the current one; empty when it does not. */
export function compareFingerprints(before: Fingerprint, now: Fingerprint): string[] {
  const reasons: string[] = [];
  if (before.revision !== now.revision) reasons.push('this version of lxc-kit builds the step differently');
  reasons.push(...compareMaps(before.settings, now.settings, (key) => `setting ${key}`, describeValues));
  reasons.push(...compareMaps(before.files, now.files, (key) => `file ${key}`, describeFiles));
  reasons.push(
    ...compareMaps(
      before.needs,
      now.needs,
      (key) => `the output of ${key}`,
      () => 'changed',
    ),
  );
  return reasons;
}

const SHOWN_REASONS = 5;

/** A whole overlay may have changed; a few names are enough. */
export function summariseReasons(reasons: readonly string[]): string {
  const more = reasons.length - SHOWN_REASONS;
  const shown = reasons.slice(0, SHOWN_REASONS).join('; ');
  return more > 0 ? `${shown}; and ${more} more` : shown;
}

/** The hash of a whole fingerprint. */
export function fingerprintHash(fingerprint: Fingerprint): string {
  return hashBytes(JSON.stringify(fingerprint));
}

function compareMaps<V>(
  before: Readonly<Record<string, V>>,
  now: Readonly<Record<string, V>>,
  name: (key: string) => string,
  describe: (before: V, now: V) => string,
): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return keys.flatMap((key) => {
    const [old, fresh] = [before[key], now[key]];
    if (JSON.stringify(old) === JSON.stringify(fresh)) return [];
    if (old === undefined) return [`${name(key)} is new`];
    if (fresh === undefined) return [`${name(key)} is gone`];
    return [`${name(key)} ${describe(old, fresh)}`];
  });
}

const MAX_VALUE_WIDTH = 60;

function describeValues(before: Json, now: Json): string {
  const [old, fresh] = [JSON.stringify(before), JSON.stringify(now)];
  if (old.length > MAX_VALUE_WIDTH || fresh.length > MAX_VALUE_WIDTH) return 'changed';
  return `changed from ${old} to ${fresh}`;
}

function describeFiles(before: string, now: string): string {
  if (before === 'missing') return 'did not exist before';
  return now === 'missing' ? 'no longer exists' : 'changed';
}

async function hashOrMissing(file: string): Promise<string> {
  try {
    return await hashFile(file);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return 'missing';
    throw error;
  }
}

function sortedEntries<V>(map: Readonly<Record<string, V>>): [string, V][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The same map with its keys in order and without undefined values, as in JSON. */
function sortKeys(map: Readonly<Record<string, Json>>): Record<string, Json> {
  return JSON.parse(JSON.stringify(Object.fromEntries(sortedEntries(map)))) as Record<string, Json>;
}
