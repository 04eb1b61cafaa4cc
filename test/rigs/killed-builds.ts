import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSealed } from '../../toolkit/host/sealed-text.ts';
import { removeTree } from '../../toolkit/host/remove-tree.ts';
import { hashBytes } from '../../toolkit/host/hash-file.ts';
import { blobsOf, parseStoredResult } from '../../toolkit/results/stored-result.ts';
import { type CliProcess, type CliResult, waitUntil } from './cli-process.ts';
import { describeTree } from './describe-tree.ts';
import { groupsBelow, processesAt, processesIn } from './processes.ts';
import { RandomNumbers } from './random-numbers.ts';

/** A build that a test kills, and where all that it makes lies. */
export interface KilledBuild {
  start(): CliProcess;
  readonly outDir: string;
  readonly storeDir: string;
  /** Files below the out directory that must come out the same however often the build was killed. */
  readonly files: readonly string[];
  /** Folders of the store that stay when a build is to begin with nothing, such as those of what was downloaded. */
  readonly kept?: readonly string[];
}

/** Result of a build that was not disturbed. */
export interface Undisturbed {
  readonly ms: number;
  readonly files: Readonly<Record<string, string>>;
  /** Contents of each unpacked tree of the store. */
  readonly trees: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Campaign {
  readonly kills: number;
  readonly seed: number;
  /** Is called for each build. */
  readonly report?: (what: string) => void;
}

/** How long what a killed build had started may go on. The watch gives it a second after SIGTERM. */
const ORPHAN_MS = 5_000;

/** Builds with nothing there but what `kept` names. */
export async function buildUndisturbed(build: KilledBuild): Promise<Undisturbed> {
  await clear(build, 'store');
  const started = performance.now();
  succeeded(await build.start().done);
  const ms = performance.now() - started;
  return { ms, files: hashesOf(build), trees: treesOf(build.storeDir) };
}

/**
 * Kills a build with SIGKILL so many times, each at a random moment of the time that it takes when it is left alone, and
 * then lets it end. Each build goes on where the one before was killed; one that came to its end before its moment is
 * followed by one that begins with nothing, or with the results that the store has of it.
 *
 * Throws, naming the moments so far, when a process of a killed build lives on, when something in the store is not what
 * its name says, or when a build that came to its end has not left the bytes of the undisturbed one.
 */
export async function killAgainAndAgain(
  build: KilledBuild,
  undisturbed: Undisturbed,
  { kills, seed, report = () => undefined }: Campaign,
): Promise<void> {
  const random = new RandomNumbers(seed);
  const history: string[] = [];
  const note = (what: string): void => {
    history.push(what);
    report(what);
  };
  try {
    await clear(build, 'store');
    for (let killed = 0; killed < kills;) {
      const afterMs = random.next() * undisturbed.ms;
      if (await killAfter(build, afterMs)) {
        killed++;
        note(`killed after ${Math.round(afterMs)} ms`);
        refuse('in the store', troublesOfStore(build, undisturbed));
      } else {
        const begin = random.chance(0.5) ? 'store' : 'out';
        note(`ended within ${Math.round(afterMs)} ms, ${begin} removed`);
        refuse('other bytes', differences(undisturbed.files, hashesOf(build)));
        await clear(build, begin);
      }
    }
    note('left alone');
    succeeded(await build.start().done);
    refuse('other bytes', differences(undisturbed.files, hashesOf(build)));
    refuse('in the store', troublesOfStore(build, undisturbed));
    refuse('not unpacked', differences(undisturbed.trees, treesOf(build.storeDir)));
  } catch (error) {
    throw new Error(`seed ${seed}, builds so far:\n  ${history.join('\n  ')}`, { cause: error });
  }
}

/** False when the build came to its end before; then it went well. */
async function killAfter(build: KilledBuild, afterMs: number): Promise<boolean> {
  const cli = build.start();
  const moment = new AbortController();
  const ended = cli.done.then((result) => {
    moment.abort();
    return result;
  });
  await sleep(afterMs, undefined, { signal: moment.signal }).catch(() => undefined);
  const groups = groupsBelow(cli.pid);
  cli.kill('SIGKILL');
  const result = await ended;
  if (result.signal !== 'SIGKILL') {
    succeeded(result);
    return false;
  }
  if (result.stderr.includes('error:')) throw new Error(result.stderr);
  const alive = (): string[] => [...processesIn(groups), ...processesAt(build.outDir, build.storeDir)];
  await waitUntil(() => alive().length === 0, 'the end of what a killed build had started', ORPHAN_MS);
  return true;
}

function succeeded({ exitCode, signal, stderr }: CliResult): void {
  if (exitCode !== 0)
    throw new Error(`the build ended with ${signal ?? `exit code ${exitCode ?? ''}`}:\n${stderr}`);
}

function refuse(what: string, found: readonly string[]): void {
  if (found.length > 0) throw new Error(`${what}: ${found.join(', ')}`);
}

async function clear({ outDir, storeDir, kept = [] }: KilledBuild, what: 'out' | 'store'): Promise<void> {
  await removeTree(outDir);
  if (what === 'out') return;
  for (const name of namesIn(storeDir)) if (!kept.includes(name)) await removeTree(join(storeDir, name));
}

function hashesOf({ outDir, files }: KilledBuild): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file, hashBytes(readFileSync(join(outDir, file)))]));
}

/** Faults of a store: a file or a tree that does not match its name, a result whose files are missing. */
function troublesOfStore({ storeDir }: KilledBuild, undisturbed: Undisturbed): string[] {
  const blobs = blobFiles(storeDir);
  const sources = namesIn(join(storeDir, 'sources')).flatMap((sha256) =>
    namesIn(join(storeDir, 'sources', sha256)).map((name) => ({
      file: join(storeDir, 'sources', sha256, name),
      sha256,
    })),
  );
  const rotten = [...blobs, ...sources].filter(
    ({ file, sha256 }) => hashBytes(readFileSync(file)) !== sha256,
  );
  const known = new Set(blobs.map(({ sha256 }) => sha256));
  const entries = namesIn(join(storeDir, 'results', 'ac')).map((name) =>
    join(storeDir, 'results', 'ac', name),
  );
  const broken = entries.filter((file) => {
    const stored = parseStoredResult(Buffer.from(openSealed(readFileSync(file, 'utf8')) ?? ''));
    return stored === undefined || !blobsOf(stored).every(({ sha256 }) => known.has(sha256));
  });
  const trees = treesOf(storeDir);
  const torn = Object.keys(trees).filter(
    (name) => differences(undisturbed.trees[name] ?? {}, trees[name] ?? {}).length > 0,
  );
  return [...rotten.map(({ file }) => file), ...broken, ...torn];
}

function blobFiles(storeDir: string): { readonly file: string; readonly sha256: string }[] {
  const dir = join(storeDir, 'results', 'cas');
  return namesIn(dir).flatMap((folder) =>
    namesIn(join(dir, folder)).map((sha256) => ({ file: join(dir, folder, sha256), sha256 })),
  );
}

function treesOf(storeDir: string): Record<string, Record<string, string>> {
  const dir = join(storeDir, 'trees');
  return Object.fromEntries(namesIn(dir).map((name) => [name, describeTree(join(dir, name))]));
}

/** The names in a directory that are final: what is still being written has one with a dot. */
function namesIn(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).filter((name) => !name.startsWith('.')) : [];
}

/** The keys whose values are not the same. */
function differences(
  wanted: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])].filter(
    (key) => JSON.stringify(wanted[key]) !== JSON.stringify(found[key]),
  );
}
