// npm run bench -- kconfig: reading every Kconfig file of a kernel for MIPS against the kernel's own conf, and the
// processor time of `kconfig audit` against that of `make olddefconfig`. Both sides are whole processes, cold, one after
// the other, in turn.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** @typedef {[string, ...string[]]} Words a program and its arguments */

const ROUNDS = 9;

/**
 * Prints a table. `tree`: an unpacked kernel; without it the newest 6.1 of the store.
 *
 * @param {{ root: string, workDir: string, tree?: string }} options
 */
export function benchKconfig({ root, workDir, tree = treeOfStore() }) {
  const objDir = join(workDir, 'kconfig');
  rmSync(objDir, { recursive: true, force: true });
  mkdirSync(objDir, { recursive: true });
  const make = ['-s', '-C', tree, `O=${objDir}`, 'ARCH=mips', 'CROSS_COMPILE=mipsel-linux-gnu-'];
  execFileSync('make', [...make, 'bmips_stb_defconfig'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const version = /^# Linux\/\S+ (\S+) /m.exec(readFileSync(join(objDir, '.config'), 'utf8'))?.[1] ?? '';
  /** @type {(name: string) => string} */
  const text = (name) =>
    new RegExp(`^CONFIG_${name}="?([^"\n]*)`, 'm').exec(readFileSync(join(objDir, '.config'), 'utf8'))?.[1] ??
    '';
  const env = {
    PATH: process.env['PATH'],
    LC_ALL: 'C',
    ARCH: 'mips',
    SRCARCH: 'mips',
    srctree: tree,
    objtree: objDir,
    KERNELVERSION: version,
    CC: 'mipsel-linux-gnu-gcc',
    LD: 'mipsel-linux-gnu-ld',
    NM: 'mipsel-linux-gnu-nm',
    HOSTCC: 'gcc',
    RUSTC: 'rustc',
    BINDGEN: 'bindgen',
    PAHOLE: 'pahole',
    PAHOLE_VERSION: text('PAHOLE_VERSION'),
    CC_VERSION_TEXT: text('CC_VERSION_TEXT'),
  };
  /** @type {Words} */
  const conf = [join(objDir, 'scripts', 'kconfig', 'conf'), '--olddefconfig', 'Kconfig'];
  const reader = join(objDir, 'read.mjs');
  writeFileSync(reader, readerScript(root));
  /** @type {Words} */
  const ours = [process.execPath, reader, tree];
  /** @type {Record<'ours' | 'conf', number[]>} */
  const rows = { ours: [], conf: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rows.ours.push(timed(ours, objDir, env));
    rows.conf.push(timed(conf, objDir, env));
  }
  const [read, decided] = [median(rows.ours), median(rows.conf)];
  const audit = Number(
    execFileSync(process.execPath, [reader, tree, 'audit', join(objDir, '.config')], {
      env,
      encoding: 'utf8',
    }),
  );
  const { auditCpu, makeCpu } = auditAgainstMake(root, workDir, make, objDir);
  console.log(`kernel ${version}, MIPS; medians of ${ROUNDS}, both sides in turn`);
  console.log(`read all Kconfig files, one cold process:  ${read.toFixed(2)} s`);
  console.log(`conf --olddefconfig on the same tree:      ${decided.toFixed(2)} s`);
  console.log(`ratio:                                     ${(read / decided).toFixed(2)}`);
  console.log(`the audit of a build, in its process:      ${audit.toFixed(3)} s`);
  console.log(`kconfig audit, processor time:             ${auditCpu.toFixed(2)} s`);
  console.log(`make olddefconfig with conf built:         ${makeCpu.toFixed(2)} s`);
  console.log(`ratio (goal 1.5):                          ${(auditCpu / makeCpu).toFixed(2)}`);
}

/**
 * Each of them once before, so that the audit finds conf and the sources in the store, as make finds its conf.
 *
 * @param {string} root
 * @param {string} workDir
 * @param {readonly string[]} make
 * @param {string} objDir
 */
function auditAgainstMake(root, workDir, make, objDir) {
  const audit = [
    ...[process.execPath, join(root, 'dist', 'bin', 'lxc-kit.js'), 'kconfig', 'audit'],
    ...['--board', join(root, 'boards', 'stb-mipsel.yaml'), '--out', join(workDir, 'audit')],
  ];
  const olddefconfig = ['make', ...make, 'olddefconfig'];
  for (const words of [audit, olddefconfig]) cpuSeconds(words, objDir);
  /** @type {Record<'audit' | 'make', number[]>} */
  const rows = { audit: [], make: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rows.audit.push(cpuSeconds(audit, objDir));
    rows.make.push(cpuSeconds(olddefconfig, objDir));
  }
  return { auditCpu: median(rows.audit), makeCpu: median(rows.make) };
}

/**
 * The processor time of a program and of all that it starts, by the shell's `times`.
 *
 * @param {readonly string[]} words
 * @param {string} cwd
 */
function cpuSeconds(words, cwd) {
  const script = '"$@" >&2 || exit; times';
  const printed = execFileSync('sh', ['-c', script, 'sh', ...words], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const children = printed.trim().split('\n').at(-1) ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

/**
 * A program of its own, so that starting Node and loading the modules count.
 *
 * @param {string} root
 */
function readerScript(root) {
  return `import { readFileSync } from 'node:fs';
import { auditConfig, readFinalConfig } from '${root}/dist/kconfig/audit-config.js';
import { dialectOf } from '${root}/dist/kconfig-tree/conf-dialects.js';
import { readKconfig } from '${root}/dist/kconfig-tree/read-kconfig.js';
const [, , tree, audit, config] = process.argv;
if (audit === 'audit') {
  const text = readFileSync(config, 'utf8');
  const started = performance.now();
  const final = readFinalConfig(text);
  const location = { file: 'x', line: 1, column: 1 };
  const requests = new Map([...final].map(([symbol, value]) => [symbol, { symbol, value, location, overridden: [] }]));
  auditConfig(requests, final, []);
  console.log((performance.now() - started) / 1000);
} else {
  const read = readKconfig({ roots: [tree], topFile: 'Kconfig', dialect: dialectOf('kernel', process.env.KERNELVERSION), environment: process.env, shell: () => undefined });
  if (read.symbols.size < 10_000 || read.problems.length > 0) throw new Error('the tree was not read');
}
`;
}

/** @type {(words: Words, cwd: string, env: NodeJS.ProcessEnv) => number} */
function timed([program, ...args], cwd, env) {
  const started = performance.now();
  execFileSync(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  return (performance.now() - started) / 1000;
}

/** @type {(list: readonly number[]) => number} */
function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
}

function treeOfStore() {
  const store =
    process.env['LXC_KIT_STORE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lxc-kit');
  const dir = join(store, 'trees');
  const names = existsSync(dir) ? readdirSync(dir).filter((name) => name.startsWith('kernel-')) : [];
  const found = names
    .map((name) => join(dir, name))
    .find((tree) => /^PATCHLEVEL = 1$/m.test(readFileSync(join(tree, 'Makefile'), 'utf8')));
  if (found === undefined) throw new Error(`no kernel 6.1 in ${dir}: build a board first`);
  return found;
}
