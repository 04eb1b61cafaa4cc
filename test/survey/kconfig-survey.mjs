// How well lxc-kit's reading of Kconfig agrees with the kernel's own conf, over every MIPS defconfig of a kernel.
//
//   npm run survey -- TREE…                       unpacked kernel trees
//   npm run survey -- --only malta_defconfig TREE
//
// For each defconfig, merged with the shipped fragments:
//   merge      our final .config against that of the kernel's scripts/kconfig/merge_config.sh
//   agreement  our value of every symbol against conf's, computed from the requests alone
//   lost       requests that did not come out, against those that merge_config.sh warns of
//   fix        some symbols more are asked for, taken by a seed from all that have a prompt and are off; of those
//              that are lost, how many `kconfig fix` brings, proven by conf
//
// It prints a row for each kernel in Markdown, and every disagreement; nothing is written outside out/survey.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argv } from 'zx';
import { lostSymbols } from '#dist/configuration/wanted-symbols.js';
import { boardKernel } from '#dist/configuration/kernel-spec.js';
import { mergeKernel } from '#dist/configuration/merge-kernel.js';
import { proveFix } from '#dist/configuration/prove-fix.js';
import { readKconfigTree } from '#dist/configuration/read-kconfig-tree.js';
import { SymbolValues } from '#dist/kconfig-tree/symbol-values.js';
import { openBuild } from '#dist/session/open-build.js';
import { probeToolchain } from '#dist/toolchain/probe-toolchain.js';

/**
 * @typedef {import('../../toolkit/opened-board/build.ts').Build} Build
 * @typedef {import('../../toolkit/configuration/configured-tree.ts').ConfiguredTree} ConfiguredTree
 * @typedef {import('../../toolkit/configuration/prove-fix.ts').ProvenFix} ProvenFix
 * @typedef {import('../../toolkit/configuration/read-kconfig-tree.ts').ReadTree} ReadTree
 * @typedef {import('../../toolkit/download/resolved-source.ts').ResolvedSource} ResolvedSource
 * @typedef {import('../../toolkit/toolchain/probe-toolchain.ts').Toolchain} Toolchain
 *
 * @typedef {{ configured: ConfiguredTree, build: Build, toolchain: Toolchain, read: ReadTree }} Configured
 */

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const workDir = join(root, 'out', 'survey');
/** @type {{ readonly _: readonly string[], readonly only?: string } & Partial<Record<'seed' | 'samples', string | number>>} */
const options = argv;
const { only } = options;
const seed = Number(options.seed ?? 1);
const samples = Number(options.samples ?? 20);
const FRAGMENTS = ['cgroup-v1', 'lxc'];

/** Nothing leads there, or only what `fix` does not propose unless it is named; it says which of them. */
const NO_WAY = ['impossible', 'unknown', 'hidden', 'gated', 'drivers'];

const rows = [];
for (const tree of options._) {
  const row = await surveyKernel(resolve(tree));
  rows.push(row);
  console.error(`| ${row.join(' | ')} |`);
}
console.log(
  [
    '| kernel | MIPS defconfigs | same .config as merge_config.sh | symbols that agree with conf | lost requests found | fix: proven | of these only alone | fix: no way | fix: open |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n'),
);

/** @param {string} tree */
async function surveyKernel(tree) {
  const configs = join(tree, 'arch', 'mips', 'configs');
  const names = readdirSync(configs)
    .filter((name) => name.endsWith('_defconfig') && (only === undefined || name === only))
    .sort();
  rmSync(join(workDir, basename(tree)), { recursive: true, force: true });
  const total = {
    same: 0,
    symbols: 0,
    agree: 0,
    lost: 0,
    found: 0,
    proven: 0,
    alone: 0,
    impossible: 0,
    open: 0,
  };
  /** @type {string | undefined} */
  let version = '';
  for (const name of names) {
    const started = performance.now();
    const one = await surveyDefconfig(tree, name);
    version = one.version;
    for (const key of /** @type {(keyof typeof total)[]} */ (Object.keys(total))) total[key] += one[key];
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`${version} ${name}: ${JSON.stringify(one)} ${seconds} s`);
  }
  /** @type {(part: number, whole: number) => string} */
  const share = (part, whole) =>
    whole === 0 ? '–' : `${part} of ${whole} (${((100 * part) / whole).toFixed(2)} %)`;
  return [
    version,
    names.length,
    `${total.same} of ${names.length}`,
    share(total.agree, total.symbols),
    `${total.found} of ${total.lost}`,
    share(total.proven, total.proven + total.open),
    total.alone,
    total.impossible,
    total.open,
  ];
}

/** @param {string} tree @param {string} name */
async function surveyDefconfig(tree, name) {
  // One directory for all: conf is compiled once.
  const dir = join(workDir, basename(tree));
  const { configured, read, build, toolchain } = await configure(tree, name, dir, {});
  const merged = mergeByScript(configured, build, toolchain, dir);
  const lost = lostSymbols(read).map(({ symbol }) => symbol);
  const missed = merged.warned.filter((symbol) => !lost.includes(symbol));
  if (missed.length > 0) console.error(`  not found as lost: ${missed.join(' ')}`);
  const same = withoutHeader(merged.text) === withoutHeader(configured.text);
  if (!same) console.error(`  merge_config.sh came to another .config`);
  const { symbols, agree } = countAgreement(read);
  // Asked for on top: what a person might want of this kernel.
  const wished = sample(read, name);
  const wish = await configure(tree, name, join(dir, 'wish'), wished);
  const wanted = lostSymbols(wish.read);
  const mended = await proveFix(wish.read, wanted);
  /** @type {(outcome: ProvenFix['outcome']) => number} */
  const count = (outcome) => mended.results.filter((one) => one.outcome === outcome).length;
  // conf proved a conflicting one too, but not beside the other wishes of the sample.
  const proven = count('proven') + count('conflict');
  const impossible = mended.results.filter(
    ({ proposal: { blocked } }) => blocked !== undefined && NO_WAY.includes(blocked),
  );
  for (const { proposal, outcome } of mended.results) {
    if (outcome === 'proven' || outcome === 'conflict' || impossible.some((one) => one.proposal === proposal))
      continue;
    const tried = proposal.rejected
      .slice(0, 2)
      .map(({ lines, why }) => `${lines.map((line) => `${line.symbol}=${line.value}`).join(' ')}: ${why}`);
    console.error(
      `  open: ${proposal.wanted.symbol}=${proposal.wanted.value} (${outcome}) ${tried.join('; ')} ${proposal.lines.map((line) => `${line.symbol}=${line.value}`).join(' ')}`,
    );
  }
  return {
    version: configured.version,
    same: same ? 1 : 0,
    symbols,
    agree,
    lost: merged.warned.length,
    found: merged.warned.length - missed.length,
    proven,
    alone: count('conflict'),
    impossible: impossible.length,
    open: mended.results.length - proven - impossible.length,
  };
}

/** @type {(tree: string, name: string, dir: string, config: Record<string, string>) => Promise<Configured>} */
async function configure(tree, name, dir, config) {
  mkdirSync(dir, { recursive: true });
  const board = join(dir, 'board.yaml');
  const profile = {
    schema: 1,
    name: 'survey',
    toolchain: { prefix: 'mipsel-linux-gnu-' },
    kernel: { defconfig: name, fragments: FRAGMENTS, modules: 'drop', config },
  };
  writeFileSync(board, JSON.stringify(profile));
  const build = await openBuild({ board, out: join(dir, 'out'), source: [`kernel=${tree}`] });
  const signal = new AbortController().signal;
  const context = { workDir: dir, logFile: join(dir, 'log'), emit: () => undefined, signal };
  const { architecture, env } = build;
  const toolchain = await probeToolchain({
    prefix: 'mipsel-linux-gnu-',
    cflags: [],
    architecture,
    env,
    signal,
  });
  /** @type {ResolvedSource} */
  const source = {
    component: 'kernel',
    kind: 'tree',
    form: 'tree',
    treeDir: tree,
    version: undefined,
    files: [],
    sha256: '',
    origin: tree,
  };
  const spec = { ...boardKernel(build), required: () => [] };
  const configured = await mergeKernel(
    build,
    spec,
    { kernel: source, lxcVersion: undefined },
    toolchain,
    context,
  );
  return { configured, build, toolchain, read: readKconfigTree(configured, build, toolchain, dir) };
}

/**
 * The kernel's own script on the same base and the same requests.
 *
 * @param {ConfiguredTree} configured
 * @param {Build} build
 * @param {Toolchain} toolchain
 * @param {string} dir
 */
function mergeByScript(configured, build, toolchain, dir) {
  const objDir = join(dir, 'by-script');
  mkdirSync(objDir, { recursive: true });
  const env = { ...build.env, ARCH: 'mips', CROSS_COMPILE: toolchain.prefix };
  /** @type {(...words: [string, ...string[]]) => string} */
  const run = (program, ...args) =>
    execFileSync(program, args, { cwd: objDir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('make', '-s', '-C', configured.tree, `O=${objDir}`, 'outputmakefile');
  writeFileSync(join(dir, 'base.config'), configured.base);
  writeFileSync(join(dir, 'own.config'), 'CONFIG_IKCONFIG=y\nCONFIG_IKCONFIG_PROC=y\n');
  const fragments = ['cgroup-v2', ...FRAGMENTS].map((name) =>
    join(root, 'kconfig-fragments', `${name}.config`),
  );
  const output = run(
    'sh',
    join(configured.tree, 'scripts', 'kconfig', 'merge_config.sh'),
    join(dir, 'base.config'),
    join(dir, 'own.config'),
    ...fragments,
  );
  const asked = new Set(configured.requests.keys());
  const warned = [...output.matchAll(/^Value requested for (CONFIG_\w+) not in final/gm)].map(
    ([, symbol = '']) => symbol,
  );
  return {
    text: readFileSync(join(objDir, '.config'), 'utf8'),
    // The script warns of the defconfig's lines too.
    warned: warned.filter((symbol) => asked.has(symbol)).map((symbol) => symbol.replace('CONFIG_', '')),
  };
}

/** @type {(text: string) => string} */
function withoutHeader(text) {
  return text
    .split('\n')
    .filter((line) => /^CONFIG_|^# CONFIG_\w+ is not set/.test(line))
    .join('\n');
}

/**
 * Every symbol by our own computation, from the requests alone, against what conf wrote.
 *
 * @param {ReadTree} read
 */
function countAgreement(read) {
  const requested = new Map([...read.base, ...read.asked]);
  const ours = new SymbolValues(read.tree, { requested, unset: read.unset, dialect: read.dialect });
  let symbols = 0;
  let agree = 0;
  for (const symbol of read.tree.symbols.values()) {
    if (symbol.nodes.length === 0 || symbol.environment !== undefined) continue;
    symbols++;
    const final = read.final.get(symbol.name);
    const written = ours.written(symbol);
    // conf has the text of the compiler's version from the makefile.
    if (
      symbol.name.endsWith('_VERSION_TEXT') ||
      (final === undefined ? !written : written && ours.text(symbol) === final)
    )
      agree++;
    else
      console.error(
        `  disagrees: ${symbol.name}, conf ${final ?? 'absent'}, we ${written ? ours.text(symbol) : 'absent'}`,
      );
  }
  return { symbols, agree };
}

/**
 * Symbols with a prompt that are off, picked so that the same seed gives the same.
 *
 * @param {ReadTree} read
 * @param {string} name
 */
function sample(read, name) {
  const off = [...read.tree.symbols.values()].filter(
    ({ name: symbol, type, prompts, choice }) =>
      (type === 'bool' || type === 'tristate') &&
      prompts.length > 0 &&
      choice === undefined &&
      (read.final.get(symbol) ?? 'n') === 'n' &&
      !read.asked.has(symbol),
  );
  let state = seed + Array.from(name).reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
  const random = () => {
    // Lehmer's generator (minimal standard, 48271 modulo 2^31 - 1).
    state = (state % 2147483646) + 1;
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  /** @type {Record<string, string>} */
  const picked = {};
  while (Object.keys(picked).length < samples) {
    const symbol = off[Math.floor(random() * off.length)];
    if (symbol === undefined) throw new Error(`${name} leaves no symbol off`);
    picked[`CONFIG_${symbol.name}`] = 'y';
  }
  return picked;
}
