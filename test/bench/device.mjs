// npm run bench -- device [LXC-VERSION…]: what containers cost a device, measured in QEMU on boards with 1, 5 and 20 system
// containers. Without a version Debian's prebuilt LXC; a version is compiled from LXC_KIT_LXC_SOURCES.
//
// QEMU computes each instruction of MIPS in software: the times compare numbers of containers and releases of LXC with each
// other, and are no times of a real board. Memory is what the guest's kernel counts, and holds on a board as well.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layoutFit } from '#dist/cgroups/version-conflicts.js';

/** @typedef {{ root: string, workDir: string }} Places the checkout, and the folder of the bench's files */
/** @typedef {Places & { version: string | undefined, count: number }} Case a release of LXC, and a number of containers */

const COUNTS = [1, 5, 20];
const BOOTS = 3;
const STARTS = 5;

/**
 * In the guest, all times in hundredths of a second since the kernel began. A container is started when a program of it
 * runs: its /etc/init.d/rcS writes the time. The clone of its init is no start: LXC has most of its work, and in a boot its
 * wait for random numbers, still before it. `free` waits for what is freed late, and leaves out what the kernel would give
 * back: the page cache of files. The lxc-ls of 1.1 is a script that knows its own options only in front.
 */
const PROBE = `
stamp() { echo "/var/lib/lxc/$1/rootfs/started"; }
hundredths() { read -r up rest < "$1"; echo "\${up%.*}\${up#*.}"; }
started() {
	for second in $(seq 120); do [ ! -s "$(stamp "$1")" ] || break; sleep 1; done
	hundredths "$(stamp "$1")"
}
free() { sleep 3; sync; echo 3 > /proc/sys/vm/drop_caches; awk '/^MemAvailable/ { print $2 }' /proc/meminfo; }
times=$(for name in $(ls /var/lib/lxc); do started $name; done | sort -n)
names=$(lxc-ls --active -1 | sort -u)
echo "running $(echo $names | wc -w)"
echo "first $(echo "$times" | head -n 1)"
echo "last $(echo "$times" | tail -n 1)"
full=$(free)
one=$(echo $names | cut -d' ' -f1)
for round in $(seq ${String(STARTS)}); do
	lxc-stop -n $one -k
	rm "$(stamp $one)"
	begin=$(hundredths /proc/uptime)
	lxc-start -d -n $one < /dev/null
	echo "start $(($(started $one) - begin))"
done
for name in $names; do lxc-stop -n $name -k; done
echo "memory $((($(free) - full) / $(echo $names | wc -w)))"
`;

/** /etc/init.d/rcS of each container: its first program. Complete at once, so that nobody reads half a line. */
const CONTAINER_RCS = `#!/bin/sh
[ -e /proc/self ] || mount -t proc proc /proc
cat /proc/uptime > /started.new
mv /started.new /started
`;

/**
 * Prints a table.
 *
 * @param {Places & { versions: string[] }} options
 */
export function benchDevice({ root, workDir, versions }) {
  const header = [
    'LXC',
    'containers',
    'first program of the first container',
    'of the last',
    'start one',
    'memory of each',
  ];
  const rows = [];
  for (const version of versions.length > 0 ? versions : [undefined]) {
    for (const count of COUNTS) rows.push(measure({ root, workDir, version, count }));
  }
  console.log(`| ${header.join(' | ')} |\n|${'---|'.repeat(header.length)}`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  console.log(`\nTimes: median of ${BOOTS} boots, with ${STARTS} starts in each. QEMU without acceleration.`);
}

/** @type {(one: Case) => (string | number)[]} */
function measure({ root, workDir, version, count }) {
  const args = ['--board', writeBoard({ root, workDir, version, count }), '--out', join(workDir, 'device')];
  kit(root, ['build', ...args, ...sourceOf(version)]);
  /** @type {Record<'first' | 'last' | 'start' | 'memory', number[]>} */
  const values = { first: [], last: [], start: [], memory: [] };
  /** @type {Partial<Record<string, number[]>>} */
  const byName = values;
  for (let boot = 0; boot < BOOTS; boot++) {
    const printed = kit(root, [
      'boot',
      ...args,
      '--timeout',
      '900',
      '--skip-container-check',
      '--run',
      '/root/probe',
    ]);
    for (const [, name = '', value = ''] of printed.matchAll(/^(\w+) (-?\d+)$/gm)) {
      if (name === 'running' && Number(value) !== count) {
        throw new Error(`${value} of ${count} containers run:\n${printed}`);
      }
      byName[name]?.push(Number(value));
    }
  }
  if (values.memory.length < BOOTS || values.start.length < BOOTS * STARTS)
    throw new Error('the guest failed');
  /** @type {(list: number[]) => string} */
  const seconds = (list) => `${(median(list) / 100).toFixed(2)} s`;
  return [
    version ?? "Debian's",
    count,
    seconds(values.first),
    seconds(values.last),
    seconds(values.start),
    `${median(values.memory)} kB`,
  ];
}

/**
 * malta-mipsel with a number of the shipped system container, all started at boot. The root is a disk, as on a device; the
 * cgroup layout is v2, or v1 where LXC cannot have that.
 *
 * @param {Case} one
 */
function writeBoard({ root, workDir, version, count }) {
  const dir = join(workDir, 'device-board');
  mkdirSync(join(dir, 'overlay', 'root'), { recursive: true });
  writeFileSync(join(dir, 'overlay', 'root', 'probe'), `#!/bin/sh${PROBE}`, { mode: 0o755 });
  writeFileSync(join(dir, 'overlay', 'root', 'container-rcS'), CONTAINER_RCS, { mode: 0o755 });
  const containers = Array.from({ length: count }, (_, index) => {
    const name = `system${String(index + 1)}`;
    writeFileSync(join(dir, `${name}.yaml`), containerOf(name, index + 1));
    return `./${name}.yaml`;
  });
  const board = join(dir, 'board.yaml');
  const layout = version === undefined || layoutFit(version, 'v2').fits === 'yes' ? 'v2' : 'v1';
  writeFileSync(
    board,
    `schema: 1
name: device
extends: [${join(root, 'boards', 'malta-mipsel.yaml')}]
cgroup: ${layout}
kernel: { fragments: [malta, lxc, cgroup-${layout}] }
rootfs: { overlays: [./overlay] }
containers: [${containers.join(', ')}]
images: [ext4]
`,
  );
  return board;
}

/** @type {(name: string, order: number) => string} */
const containerOf = (name, order) => `name: ${name}
kind: system
rootfs: { path: /var/lib/lxc/${name}/rootfs, from: busybox }
command: [/sbin/init]
network: [{ type: empty }]
bind: [{ from: /root/container-rcS, to: /etc/init.d/rcS }]
limits: { memory: 32M, pids: 64 }
console: none
pty: 0
tty: 0
autostart: { order: ${order} }
`;

/** @type {(version: string | undefined) => string[]} */
function sourceOf(version) {
  if (version === undefined) return [];
  const folder = process.env['LXC_KIT_LXC_SOURCES'];
  if (folder === undefined) throw new Error('LXC_KIT_LXC_SOURCES names no folder with LXC tarballs');
  return ['--source', `lxc=${join(folder, `lxc-${version}.tar.gz`)}`];
}

/** @type {(root: string, args: readonly string[]) => string} */
function kit(root, args) {
  return execFileSync(process.execPath, [join(root, 'dist', 'bin', 'lxc-kit.js'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CI: 'true' },
  });
}

/** @type {(values: number[]) => number} */
function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
