// Measures lxc-kit against the same commands typed by hand, in the same run on the same machine.
//
//   npm run bench                 everything; two clean builds of malta-mipsel, some 15 minutes on two cores
//   npm run bench -- quick        without the clean builds; needs one earlier full run
//   npm run bench -- kconfig      reading Kconfig files against the kernel's conf
//   npm run bench -- device       containers in QEMU: time to start, memory; `device 1.1.5 7.0.0` compiles these releases
//
// LXC_KIT_STORE names the store, as ever. LXC is compiled when LXC_KIT_LXC_SOURCES has lxc-5.0.2.tar.gz.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $, argv } from 'zx';
import { benchDevice } from './device.mjs';
import { benchKconfig } from './kconfig.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const cli = join(root, 'dist', 'cli', 'main.js');
const workDir = join(root, 'out', 'bench');
const kitOut = join(workDir, 'kit');
const handOut = join(workDir, 'hand');
const boardFile = join(workDir, 'board.yaml');
const containerFile = join(workDir, 'container1.yaml');
const quick = argv._.includes('quick');
const repeats = 5;

$.verbose = false;
$.shell = '/bin/bash';
$.prefix = 'set -euo pipefail;';

mkdirSync(workDir, { recursive: true });
if (argv._.includes('kconfig')) {
  benchKconfig({ root, workDir });
  process.exit(0);
}
if (argv._[0] === 'device') {
  benchDevice({ root, workDir, versions: argv._.slice(1).map(String) });
  process.exit(0);
}
writeBoard('');
const lxcSource = join(process.env.LXC_KIT_LXC_SOURCES ?? '/nonexistent', 'lxc-5.0.2.tar.gz');
const sourceArgs = existsSync(lxcSource) ? ['--source', `lxc=${lxcSource}`] : [];
const buildArgs = ['build', '--board', boardFile, '--out', kitOut, ...sourceArgs];

console.log(
  `machine: ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}`,
);
console.log(
  `LXC: ${sourceArgs.length > 0 ? 'compiled from 5.0.2' : "Debian's packages (nothing compiled)"}\n`,
);

const rows = [['what', 'lxc-kit wall', 'lxc-kit CPU', 'rival wall', 'rival CPU', 'wall ratio', 'CPU ratio']];

if (!quick) {
  // Sources and unpacked trees are there for both; what is measured is configuring, compiling and packing.
  await kit(buildArgs.with(0, 'fetch'));
  await kit([...buildArgs, '--until', 'configure-kernel']);
  await kit([...buildArgs, '--until', 'configure-busybox']);
  // libcap and LXC are unpacked by the steps that build them; it takes half a minute.
  await kit([...buildArgs, '--until', 'build-lxc']);
  rmSync(kitOut, { recursive: true, force: true });
  dropCaches();
  const ours = await timed(commandOf(buildArgs));
  prepareByHand();
  dropCaches();
  const byHand = await timed(handScript());
  addRow('clean build / the same commands by hand, one after the other', ours, byHand);
}

const nothing = await median(() => timed(commandOf(buildArgs)));
const makeNothing = await median(() => timed(kernelMakeAgain()));
addRow("nothing to do / the kernel's own make with nothing to do", nothing, makeNothing);

const memory = await peakMemoryMegabytes(buildArgs);
let round = 0;
const container = await median(async () => {
  writeBoard(`environment: { BENCH: "${Date.now()}-${round++}" }\n`);
  return timed(commandOf(buildArgs));
});

const restored = await median(() => {
  rmSync(kitOut, { recursive: true, force: true });
  return timed(commandOf(buildArgs));
});

const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column])).join('  '));
console.log(`\ncontainer-only change to new images: ${container.wall.toFixed(2)} s (median of ${repeats})`);
console.log(
  `the whole board from the results in the store: ${restored.wall.toFixed(2)} s (median of ${repeats})`,
);
console.log(`peak memory of a build with nothing to do: ${memory.toFixed(0)} MB`);

/** A board of its own: the shipped one with a container that can be changed. */
function writeBoard(extra) {
  const shipped = join(root, 'boards');
  writeFileSync(
    containerFile,
    readFileSync(join(shipped, 'containers', 'container1.yaml'), 'utf8').replace(/^# yaml-language.*\n/, '') +
      extra,
  );
  writeFileSync(
    boardFile,
    `schema: 1\nname: bench\nextends: [${join(shipped, 'malta-mipsel.yaml')}]\ncontainers: [./container1.yaml, ${join(shipped, 'containers', 'system1.yaml')}]\n`,
  );
}

function commandOf(args) {
  return [process.execPath, cli, ...args].map(quote).join(' ');
}

async function kit(args) {
  await $`${process.execPath} ${cli} ${args}`.quiet();
}

/** Wall and CPU seconds of a script, CPU with all its children, as bash's `time` has them. */
async function timed(script) {
  const file = join(workDir, 'timed.sh');
  writeFileSync(
    file,
    `set -e\nTIMEFORMAT='%R %U %S'\ntime {\n${script}\n} > ${quote(join(workDir, 'timed.log'))} 2>&1\n`,
  );
  const { stderr } = await $`bash ${file}`.quiet();
  const [wall, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system };
}

async function median(measure) {
  const results = [];
  for (let i = 0; i < repeats; i++) results.push(await measure());
  return results.sort((a, b) => a.wall - b.wall)[Math.floor(repeats / 2)];
}

function addRow(what, ours, rival) {
  const seconds = (value) => `${value.toFixed(2)} s`;
  rows.push([
    what,
    seconds(ours.wall),
    seconds(ours.cpu),
    seconds(rival.wall),
    seconds(rival.cpu),
    (ours.wall / rival.wall).toFixed(2),
    (ours.cpu / rival.cpu).toFixed(2),
  ]);
}

/** Both sides compile from nothing: there is no compiler cache, and no result in the store. */
function dropCaches() {
  const store =
    process.env.LXC_KIT_STORE ??
    join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME, '.cache'), 'lxc-kit');
  for (const folder of ['ccache', 'results']) rmSync(join(store, folder), { recursive: true, force: true });
}

/** The commands of a step's log, moved to the other out directory. */
function commandsOf(step) {
  const log = join(kitOut, 'logs', `${step}.log`);
  if (!existsSync(log)) return [];
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('$ cd '))
    .map((line) => line.slice(2).replaceAll(kitOut, handOut));
}

/** What a person has before the first command: the fragments merged, the trees unpacked, LXC's source edited. */
function prepareByHand() {
  rmSync(handOut, { recursive: true, force: true });
  for (const dir of [
    'configure-kernel/obj',
    'build-kernel/obj',
    'configure-busybox/obj',
    'build-busybox/obj',
    'build-libcap',
    'build-lxc',
  ]) {
    mkdirSync(join(handOut, 'work', dir), { recursive: true });
  }
  mkdirSync(join(handOut, 'images'), { recursive: true });
  mkdirSync(join(handOut, 'logs'), { recursive: true });
  copy('work/configure-kernel/merged.config');
  copy('config/kernel.config', 'work/build-kernel/obj/.config');
  copy('config/busybox.config', 'work/build-busybox/obj/.config');
}

function copy(from, to = from) {
  mkdirSync(dirname(join(handOut, to)), { recursive: true });
  copyFileSync(join(kitOut, from), join(handOut, to));
}

function handScript() {
  const lines = [
    ...commandsOf('configure-kernel'),
    ...commandsOf('build-kernel'),
    // oldconfig asks; a person holds the Enter key.
    ...commandsOf('configure-busybox').map((line) =>
      line.endsWith(' oldconfig') ? `yes "" | head -n 5000 | (${line})` : line,
    ),
    ...commandsOf('build-busybox'),
    ...treeCopies('build-libcap'),
    ...commandsOf('build-libcap'),
    ...treeCopies('build-lxc'),
    ...(existsSync(join(kitOut, 'work/build-lxc/cross.ini'))
      ? [
          `sed 's#${kitOut}#${handOut}#g' ${join(kitOut, 'work/build-lxc/cross.ini')} > ${join(handOut, 'work/build-lxc/cross.ini')}`,
        ]
      : [`cp -a ${join(kitOut, 'work/build-lxc/target')} ${join(handOut, 'work/build-lxc/target')}`]),
    ...commandsOf('build-lxc').filter((line) => !line.includes('strip --strip-unneeded')),
    // The images, with the usual tools and from a staged tree.
    `mkdir -p ${handOut}/rootfs && tar -C ${handOut}/rootfs -xzf ${kitOut}/images/rootfs.tar.gz`,
    `tar -C ${handOut}/rootfs -czf ${handOut}/images/rootfs.tar.gz .`,
    `(cd ${handOut}/rootfs && find . | tar --no-recursion -T - -cf - | gzip > ${handOut}/images/rootfs.cpio.gz)`,
    `mksquashfs ${handOut}/rootfs ${handOut}/images/rootfs.squashfs -comp gzip -noappend -no-progress -quiet`,
    `mke2fs -q -F -t ext4 -d ${handOut}/rootfs ${handOut}/images/rootfs.ext4 96M`,
  ];
  return lines.map((line) => `( ${line} )`).join('\n');
}

function treeCopies(step) {
  const tree = join(kitOut, 'work', step, 'tree');
  return existsSync(tree)
    ? [
        `cp -a ${tree} ${join(handOut, 'work', step, 'tree')} && chmod -R u+w ${join(handOut, 'work', step, 'tree')} && make -s -C ${join(handOut, 'work', step, 'tree')} clean > /dev/null 2>&1 || true`,
      ]
    : [];
}

function kernelMakeAgain() {
  return commandsOf('build-kernel')[0].replaceAll(handOut, kitOut);
}

/** Highest resident memory of one run, read from /proc while it lives. */
async function peakMemoryMegabytes(args) {
  const child = $`exec ${process.execPath} ${cli} ${args}`.quiet();
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      peak = Math.max(peak, Number(kilobytes ?? 0));
    } catch {
      // It has ended.
    }
  }, 5);
  await child;
  clearInterval(timer);
  return peak / 1024;
}

function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
