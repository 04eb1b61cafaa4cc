import { createHash } from 'node:crypto';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';
import { hashFile } from '../host/hash-file.ts';
import type { StepOutput } from './step.ts';

/** The state of every file in the outputs when the step ended: path, type, size, time, mode. */
export type OutputState = Readonly<Record<string, string>>;

/** Records the state of all outputs without reading the files. A missing one is listed as `missing`. */
export async function observeOutputs(outputs: readonly StepOutput[]): Promise<OutputState> {
  const state: Record<string, string> = {};
  for (const output of outputs) await observe(output.path, state);
  return state;
}

/** The path of the first output that changed, or undefined. */
export function changedOutput(before: OutputState, now: OutputState): string | undefined {
  for (const path of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (before[path] !== now[path]) return path;
  }
  return undefined;
}

/** One hash over the bytes of all outputs and the step's result: all that later steps see of this one. */
export async function digestOutputs(outputs: readonly StepOutput[], result: unknown): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(result ?? null));
  for (const output of outputs) {
    if (output.check === 'stat') continue;
    for (const line of await contentLines(output.path, '')) hash.update(line);
  }
  return hash.digest('hex');
}

async function observe(path: string, state: Record<string, string>): Promise<void> {
  try {
    const stat = await lstat(path, { bigint: true });
    if (stat.isDirectory()) {
      state[path] = `dir ${stat.mode}`;
      for (const name of (await readdir(path)).sort()) await observe(join(path, name), state);
    } else {
      state[path] = `${stat.mode} ${stat.size} ${stat.mtimeNs}`;
    }
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    state[path] = 'missing';
  }
}

async function contentLines(path: string, name: string): Promise<string[]> {
  const stat = await lstat(path);
  if (stat.isDirectory()) {
    const lines = [`dir ${name} ${stat.mode}\n`];
    for (const child of (await readdir(path)).sort()) {
      lines.push(...(await contentLines(join(path, child), `${name}/${child}`)));
    }
    return lines;
  }
  if (stat.isSymbolicLink()) return [`link ${name} ${await readlink(path)}\n`];
  // Reading a named pipe would block forever.
  if (!stat.isFile()) return [`special ${name} ${stat.mode} ${stat.rdev}\n`];
  return [`file ${name} ${stat.mode} ${await hashFile(path)}\n`];
}
