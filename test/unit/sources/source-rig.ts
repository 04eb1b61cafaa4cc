import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { KitEvent } from '../../../toolkit/base/event.ts';
import { toolEnvironment } from '../../../toolkit/host/run-tool.ts';
import type { SourceContext } from '../../../toolkit/download/source-context.ts';
import type { UnpackContext } from '../../../toolkit/unpack/unpack.ts';
import { removeTree } from '../../../toolkit/host/remove-tree.ts';

export interface SourceRig {
  readonly dir: string;
  readonly storeDir: string;
  readonly events: KitEvent[];
  readonly context: SourceContext & UnpackContext;
  /** Names in a directory of the store, sorted; none when it is not there. */
  list(part: string): string[];
}

/** A store and a context in a directory that is removed after the test. */
export function sourceRig(changes: Partial<SourceContext & UnpackContext> = {}): SourceRig {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-sources-'));
  onTestFinished(() => removeTree(dir));
  const storeDir = join(dir, 'store');
  const events: KitEvent[] = [];
  const context: SourceContext & UnpackContext = {
    storeDir,
    workDir: join(dir, 'work'),
    env: toolEnvironment(process.env),
    userEnv: {},
    offline: false,
    emit: (event) => void events.push(event),
    step: 'fetch',
    board: 'some-board',
    logFile: join(dir, 'fetch.log'),
    signal: new AbortController().signal,
    neededLibraries: () => Promise.resolve([]),
    retake: () => Promise.reject(new Error('it was taken again')),
    pace: { baseDelayMs: 5, stallMs: 60_000 },
    ...changes,
  };
  const list = (part: string): string[] =>
    existsSync(join(storeDir, part)) ? readdirSync(join(storeDir, part)).sort() : [];
  return { dir, storeDir, events, context, list };
}

/** A directory of its own that is removed after the test. */
export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-sources-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The error that a promise is rejected with; fails the test when it is not. */
export async function rejectionOf(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; lines?: string[]; hint?: string }> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return outcome.error as Error;
  throw new Error(`it was not rejected, but gave ${JSON.stringify(outcome.value)}`);
}
