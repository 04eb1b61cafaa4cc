// Measures lxc-kit against the same commands typed by hand, in the same run on the same machine.
//
//   npm run bench                 everything, clean builds three times; on two cores `--rounds 1` takes half an hour
//   npm run bench -- quick        without the clean builds against those by hand; the first time one of each is made
//   npm run bench -- kconfig      reading Kconfig files against the kernel's conf
//   npm run bench -- device       containers in QEMU: time to start, memory; `device 1.1.5 7.0.0` compiles these releases
//
// Builds have a store of their own, out/bench/store, and removes results from it. LXC is compiled when LXC_KIT_LXC_SOURCES has lxc-5.0.2.tar.gz.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $, argv } from 'zx';
import { ByHand } from './by-hand.mjs';
import { benchDevice } from './device.mjs';
import { benchKconfig } from './kconfig.mjs';
import { aboveLimit, median, quote, Table, timed, watched } from './measure.mjs';
import { startWebDav } from './webdav.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const cli = join(root, 'dist', 'bin', 'lxc-kit.js');
const workDir = join(root, 'out', 'bench');
const kitOut = join(workDir, 'kit');
const otherOut = join(workDir, 'other');
const storeDir = join(workDir, 'store');
/** @type {{ readonly _: readonly (string | number)[], readonly rounds?: string | number }} */
const options = argv;
const [mode] = options._;
const quick = options._.includes('quick');
/** Clean builds take minutes each, everything else seconds. */
const rounds = Number(options.rounds ?? 3);
const repeats = 5;
const TEN = 10;

$.verbose = false;
$.shell = '/bin/bash';
$.prefix = 'set -euo pipefail;';

mkdirSync(workDir, { recursive: true });
// What the person's own store has decides what a step does, and what its log holds.
if (mode !== 'kconfig' && mode !== 'device') process.env['LXC_KIT_STORE'] = storeDir;
if (options._.includes('kconfig')) {
  benchKconfig({ root, workDir });
  process.exit(0);
}
if (mode === 'device') {
  benchDevice({ root, workDir, versions: options._.slice(1).map(String) });
  process.exit(0);
}
const lxcSource = join(process.env['LXC_KIT_LXC_SOURCES'] ?? '/nonexistent', 'lxc-5.0.2.tar.gz');
const sourceArgs = existsSync(lxcSource) ? ['--source', `lxc=${lxcSource}`] : [];
const board = writeBoard('bench', {});
const buildArgs = ['build', '--board', board, '--out', kitOut, ...sourceArgs];
const byHand = new ByHand(kitOut, join(workDir, 'hand'));
const table = new Table();
/** The same board by way of ccache; its results are the same, so what it made is taken for the other. */
const cachedArgs = ['build', '--board', writeBoard('cached', {}, 'ccache'), '--out', otherOut, ...sourceArgs];

console.log(
  `machine: ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}`,
);
console.log(
  `LXC: ${sourceArgs.length > 0 ? 'compiled from 5.0.2' : "Debian's packages (nothing compiled)"}\n`,
);

const server = await startWebDav({ root, workDir });
try {
  if (!quick) await benchClean();
  else await prepareQuick();
  await benchNothing();
  await benchChanges();
  await benchStores();
} finally {
  await server.stop();
  rmSync(join(workDir, 'webdav'), { recursive: true, force: true });
}
console.log(`\n${table.toString()}`);

/** A build of both kinds whose trees the quick measurements change; an earlier run may have left them. */
async function prepareQuick() {
  await kit(buildArgs);
  if (byHand.isPrepared()) return;
  if (!byHand.knowsCommands()) {
    // Restored results have no commands in their logs.
    forget('results');
    rmSync(kitOut, { recursive: true, force: true });
    await kit(buildArgs);
  }
  byHand.prepare();
  await timed(workDir, byHand.cleanBuild());
}

async function benchClean() {
  // Sources and unpacked trees are there for both; what is measured is configuring, compiling and packing.
  await kit(buildArgs.with(0, 'fetch'));
  for (const step of ['configure-kernel', 'configure-busybox', 'build-libcap'])
    await kit([...buildArgs, '--until', step]);
  const ours = await median(rounds, () => {
    forget('results');
    rmSync(kitOut, { recursive: true, force: true });
    return run(buildArgs);
  });
  const rival = await median(rounds, () => {
    byHand.prepare();
    return timed(workDir, byHand.cleanBuild());
  });
  table.against('clean build / the same commands by hand, one after the other', ours, rival, 1);
  table.ratio('  its wall time / its CPU time on all cores', aboveLimit(ours), 1.1);

  const boards = Array.from({ length: TEN }, (_, index) => writeBoard(`ten-${index}`, { index }));
  const named = boards.flatMap((file) => ['--board', file]);
  forget('results');
  rmSync(join(workDir, 'ten'), { recursive: true, force: true });
  const ten = await watched(process.execPath, [
    cli,
    'build',
    ...named,
    '--out',
    join(workDir, 'ten'),
    ...sourceArgs,
  ]);
  table.against('ten boards with other containers / one', { wall: ten.wall }, { wall: ours.wall }, 1.15);
  table.figure('  memory of lxc-kit, at most', ten.megabytes, 'MB', 150);
  rmSync(join(workDir, 'ten'), { recursive: true, force: true });

  // Puts into ccache what it lacks.
  forget('results');
  await kit(cachedArgs);
  const warm = await median(rounds, () => {
    forget('results');
    rmSync(otherOut, { recursive: true, force: true });
    return run(cachedArgs);
  });
  table.against('the same with a warm ccache / by hand without one', warm, rival, 1);
}

async function benchNothing() {
  const nothing = await median(repeats, () => run(buildArgs));
  const make = await median(repeats, () => timed(workDir, byHand.kernelMakeAgain()));
  table.against("nothing to do / the kernel's own make with nothing to do", nothing, make, 0.1);
  table.figure('  nothing to do', nothing.wall, 's', 0.3);
  const { megabytes } = await watched(process.execPath, [cli, ...buildArgs]);
  table.figure('  memory of lxc-kit, at most', megabytes, 'MB', 150);
}

async function benchChanges() {
  const container = await median(repeats, (round) => {
    writeBoard('bench', { environment: { BENCH: `${Date.now()}-${round}` } });
    return run(buildArgs);
  });
  table.figure('a container changed, to new images', container.wall, 's', 2);

  const symbol = 'CONFIG_PRINTK_TIME';
  // Back and forth, so that every round changes it.
  /** @type {(round: number) => 'y' | 'n'} */
  const valueIn = (round) => (round % 2 === 0 ? 'y' : 'n');
  // Never from the store.
  process.env['LXC_KIT_STORE_LIMIT'] = '0';
  const changed = await median(repeats, (round) => {
    writeBoard('bench', { kernel: { config: { [symbol]: valueIn(round) } } });
    return run(buildArgs);
  });
  delete process.env['LXC_KIT_STORE_LIMIT'];
  const rival = await median(repeats, (round) => timed(workDir, byHand.changeSymbol(symbol, valueIn(round))));
  table.against('a kernel symbol changed / by hand, with packing', changed, rival, 1.05);
  writeBoard('bench', {});
  await kit(buildArgs);
}

async function benchStores() {
  const fromElsewhere = () => {
    rmSync(kitOut, { recursive: true, force: true });
    return run(buildArgs);
  };
  await fromElsewhere();
  const stored = await median(repeats, fromElsewhere);
  table.figure('the whole board from the store', stored.wall, 's', 2);

  process.env['LXC_KIT_REMOTE_CACHE'] = server.url;
  process.env['LXC_KIT_REMOTE_CACHE_MODE'] = 'read-write';
  // What is made is sent, and all of it is made.
  forget('results');
  rmSync(otherOut, { recursive: true, force: true });
  await kit(cachedArgs);
  await fromElsewhere();
  const remote = await median(repeats, () => {
    forget('results');
    return fromElsewhere();
  });
  delete process.env['LXC_KIT_REMOTE_CACHE'];
  table.figure('the whole board from a remote cache on this machine', remote.wall, 's', 2);
}

/**
 * A board of its own: the shipped one with a container that can be changed. By default no compiler cache helps.
 *
 * @param {string} name
 * @param {{ environment?: Record<string, string>, index?: number, kernel?: { config: Record<string, string> } }} changes
 * @param {'none' | 'ccache'} launcher
 */
function writeBoard(name, { environment, index, kernel }, launcher = 'none') {
  const shipped = join(root, 'boards');
  const variables = { ...environment, ...(index === undefined ? {} : { BENCH: `board ${index}` }) };
  const containerFile = join(workDir, `${name}-container1.yaml`);
  writeFileSync(
    containerFile,
    readFileSync(join(shipped, 'containers', 'container1.yaml'), 'utf8').replace(/^# yaml-language.*\n/, '') +
      (Object.keys(variables).length > 0 ? `environment: ${JSON.stringify(variables)}\n` : ''),
  );
  const file = join(workDir, `${name}.yaml`);
  writeFileSync(
    file,
    JSON.stringify({
      schema: 1,
      name,
      extends: [join(shipped, 'malta-mipsel.yaml')],
      toolchain: { launcher },
      ...(kernel === undefined ? {} : { kernel }),
      containers: [containerFile, join(shipped, 'containers', 'system1.yaml')],
    }),
  );
  return file;
}

/** @param {readonly string[]} args */
function run(args) {
  return timed(workDir, [process.execPath, cli, ...args].map(quote).join(' '));
}

/** @param {readonly string[]} args */
async function kit(args) {
  await $`${process.execPath} ${cli} ${args}`.quiet();
}

/**
 * Takes away a folder of the bench's store.
 *
 * @param {string} folder
 */
function forget(folder) {
  rmSync(join(storeDir, folder), { recursive: true, force: true });
}
