// Breaks the code in one listed place after another, and says which of these mutants the tests notice.
//
//   npm run mutate                        every room
//   npm run mutate -- engine host         these rooms
//   npm run mutate -- --again engine      judge also what is judged already
//   npm run mutate -- --stale             judge nothing: list the stale mutants
//
// test/mutate/mutants/ROOM.yaml lists the places:
//   file     below toolkit/
//   find     text that is in it exactly once
//   replace  the text that takes its place
//   tests    test files below test/, without .test.ts; they have to fail
//   breaks   what goes wrong for a user
//
// All is done in a copy of the checkout. A verdict is kept below node_modules/.cache for as long as the mutant, its file
// and its tests stay the same, so an interrupted campaign goes on where it was. Exit code 1: a room is below the goal,
// or a mutant is stale (its text is not in its file exactly once).
import { fork, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

/**
 * @typedef {{ file: string, find: string, replace: string, tests: string[], breaks: string }} Place in mutants/ROOM.yaml
 *
 * @typedef {Place & {
 *   room: string,
 *   id: string,
 *   stale: string | undefined,
 *   key: string,
 *   verdict: string | undefined,
 * }} Mutant
 */

/** Runs test files in a process of its own, which keeps what it has read of the files that did not change. */
class Judge {
  /** @type {string[]} */
  changed = [];
  /** @type {string} */
  #dir;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;

  /** @param {string} dir */
  constructor(dir) {
    this.#dir = dir;
  }

  /**
   * `passed`, or the name of what failed.
   *
   * @param {string[]} files
   * @param {string[]} changed
   * @param {number} limitMs
   * @returns {Promise<string>}
   */
  async ask(files, changed, limitMs) {
    this.#child ??= fork(fileURLToPath(new URL('judge.mjs', import.meta.url)), [this.#dir], {
      cwd: this.#dir,
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const child = this.#child;
    child.send({ files, changed: [...this.changed, ...changed] });
    this.changed = [];
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.kill();
        done('the time limit');
      }, limitMs);
      const ended = () => {
        fail(new Error('the judge ended by itself'));
      };
      child.once('exit', ended);
      child.once('message', (message) => {
        const { verdict } = /** @type {{ verdict: string }} */ (message);
        clearTimeout(timer);
        child.off('exit', ended);
        done(verdict);
      });
    });
  }

  kill() {
    this.#child?.removeAllListeners('exit');
    if (this.#child?.pid !== undefined && this.#child.exitCode === null)
      process.kill(-this.#child.pid, 'SIGKILL');
    this.#child = undefined;
  }
}

const { values: options, positionals: rooms } = parseArgs({
  allowPositionals: true,
  options: {
    again: { type: 'boolean', default: false },
    stale: { type: 'boolean', default: false },
    /** The checkout; for the test of this program. */
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    /** Percent of a room's mutants that the tests have to notice. */
    goal: { type: 'string', default: '90' },
  },
});
const root = resolve(options.root);
const resultsFile = join(root, 'node_modules', '.cache', 'lxc-kit-mutate.json');
/** A mutant may make a loop endless; a judgement that takes longer than this counts as noticed. */
const LIMIT_MS = 300_000;

const mutants = readMutants().filter(({ room }) => rooms.length === 0 || rooms.includes(room));
if (mutants.length === 0) throw new Error(`no mutants in ${rooms.join(', ')}`);
for (const mutant of mutants) mutant.stale = whyStale(mutant);
if (options.stale) process.exit(reportStale() ? 0 : 1);
const results = readResults();
const waiting = mutants.filter((mutant) => {
  if (mutant.stale !== undefined) return false;
  mutant.key = keyOf(mutant);
  mutant.verdict = options.again ? undefined : results[mutant.key];
  return mutant.verdict === undefined;
});
if (waiting.length > 0) await judgeAll(waiting);
process.exitCode = report() ? 0 : 1;

/** @returns {Mutant[]} */
function readMutants() {
  const dir = join(root, 'test', 'mutate', 'mutants');
  return readdirSync(dir)
    .sort()
    .flatMap((name) => {
      const room = name.replace(/\.yaml$/, '');
      /** @type {unknown} */
      const parsed = parse(readFileSync(join(dir, name), 'utf8'));
      return /** @type {Place[]} */ (parsed).map((place, index) => ({
        ...place,
        room,
        id: `${room} ${index + 1}`,
        stale: undefined,
        key: '',
        verdict: undefined,
      }));
    });
}

/** The verdicts of earlier runs, by the key of the mutant. */
function readResults() {
  /** @type {unknown} */
  const parsed = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
  return /** @type {Record<string, string>} */ (parsed);
}

/** @type {(name: string) => string} */
function testFile(name) {
  return join('test', `${name}.test.ts`);
}

/**
 * Why a mutant cannot be made any more; undefined when it can.
 *
 * @param {Mutant} mutant
 */
function whyStale({ file, find, replace, tests, room }) {
  const path = join(root, 'toolkit', file);
  if (!file.startsWith(`${room}/`)) return `${file} is not in the room ${room}`;
  if (!existsSync(path)) return `there is no toolkit/${file}`;
  const count = readFileSync(path, 'utf8').split(find).length - 1;
  if (count !== 1) return `toolkit/${file} has its text ${count} times`;
  if (find === replace) return 'it changes nothing';
  const gone = tests.find((name) => !existsSync(join(root, testFile(name))));
  return gone === undefined ? undefined : `there is no ${testFile(gone)}`;
}

/** @type {(mutant: Mutant) => string} */
function keyOf({ file, find, replace, tests }) {
  const hash = createHash('sha256');
  for (const text of [file, find, replace, ...tests]) hash.update(`${text}\0`);
  for (const path of [join('toolkit', file), ...tests.map(testFile)])
    hash.update(readFileSync(join(root, path)));
  return hash.digest('hex').slice(0, 20);
}

/** @param {Mutant[]} list */
async function judgeAll(list) {
  const copy = copyCheckout();
  const judge = new Judge(copy);
  process.once('SIGINT', () => {
    judge.kill();
    rmSync(copy, { recursive: true, force: true });
    process.exit(130);
  });
  try {
    const files = [...new Set(list.flatMap(({ tests }) => tests))];
    console.error(`without a mutant: ${files.length} test files`);
    const clean = await judge.ask(files.map(testFile), [], LIMIT_MS * 4);
    if (clean !== 'passed') throw new Error(`the tests fail without a mutant: ${clean}`);
    for (const [index, mutant] of list.entries()) {
      const path = join(copy, 'toolkit', mutant.file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        text.replace(mutant.find, () => mutant.replace),
      );
      const answer = await judge.ask(mutant.tests.map(testFile), [path], LIMIT_MS);
      writeFileSync(path, text);
      judge.changed.push(path);
      mutant.verdict = answer === 'passed' ? 'survived' : `killed by ${answer}`;
      // Another campaign may run beside this one.
      const all = { ...readResults(), [mutant.key]: mutant.verdict };
      mkdirSync(dirname(resultsFile), { recursive: true });
      writeFileSync(resultsFile, `${JSON.stringify(all, null, 1)}\n`);
      console.error(`${index + 1}/${list.length} ${mutant.id} (${mutant.file}): ${mutant.verdict}`);
    }
  } finally {
    judge.kill();
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What git knows of, or would add; the packages are used where they lie. */
function copyCheckout() {
  const copy = mkdtempSync(join(tmpdir(), 'lxc-kit-mutate-'));
  const listed = execFileSync('git', ['-C', root, 'ls-files', '-coz', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  for (const name of listed.split('\0'))
    if (name !== '' && existsSync(join(root, name)))
      cpSync(join(root, name), join(copy, name), { verbatimSymlinks: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Prints the table, the survivors and the stale; true when all is as it should be. */
function report() {
  const goal = Number(options.goal);
  const names = [...new Set(mutants.map(({ room }) => room))];
  console.log('| room | mutants | noticed | % |\n|---|---|---|---|');
  let good = true;
  /** @type {(name: string, list: Mutant[]) => void} */
  const line = (name, list) => {
    const killed = list.filter(({ verdict }) => verdict?.startsWith('killed')).length;
    const percent = Math.floor((killed * 100) / list.length);
    if (percent < goal) good = false;
    console.log(`| ${name} | ${list.length} | ${killed} | ${percent} |`);
  };
  for (const name of names)
    line(
      `\`${name}\``,
      mutants.filter(({ room }) => room === name),
    );
  line('all', mutants);
  for (const { verdict, id, file, breaks, replace } of mutants)
    if (verdict === 'survived') console.log(`survived: ${id} ${file}: ${breaks}\n  ${replace}`);
  return reportStale() && good;
}

/** Prints the stale mutants; true when there are none. */
function reportStale() {
  const found = mutants.filter(({ stale }) => stale !== undefined);
  for (const { stale, id } of found) console.log(`stale: ${id}: ${stale}`);
  return found.length === 0;
}
