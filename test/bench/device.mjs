// npm run bench -- device [LXC-VERSION…]: what containers cost a device, measured in QEMU on boards with 1, 5 and 20 system
// containers. Without a version Debian's prebuilt LXC; a version is compiled from LXC_KIT_LXC_SOURCES.
//
// QEMU computes each instruction of MIPS in software: the times compare numbers of containers and releases of LXC with each
// other, and are no times of a real board. Memory is what the guest's kernel counts, and holds on a board as well.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layoutFit } from '../../dist/containers/lxc-fit.js';

const COUNTS = [1, 5, 20];
const BOOTS = 3;
const STARTS = 5;

/**
 * In the guest, all times in hundredths of a second since the kernel began. Field 22 of /proc/PID/stat is when a process
 * was made (proc(5)); the process is the init of a container. `free` waits for what is freed late, and leaves out what the
 * kernel would give back: the page cache of files. The lxc-ls of 1.1 is a script that knows its own options only in front.
 */
const PROBE = `
pid_of() { lxc-info -n "$1" -p -H; }
born() { cut -d' ' -f22 "/proc/$(pid_of "$1")/stat"; }
now() { read -r up rest < /proc/uptime; echo "\${up%.*}\${up#*.}"; }
free() { sleep 3; sync; echo 3 > /proc/sys/vm/drop_caches; awk '/^MemAvailable/ { print $2 }' /proc/meminfo; }
names=$(lxc-ls --active -1 | sort -u)
echo "running $(echo $names | wc -w)"
echo "first $(for name in $names; do born $name; done | sort -n | head -n 1)"
echo "last $(for name in $names; do born $name; done | sort -n | tail -n 1)"
full=$(free)
one=$(echo $names | cut -d' ' -f1)
for round in $(seq ${String(STARTS)}); do
	lxc-stop -n $one -k
	begin=$(now)
	lxc-start -n $one
	lxc-wait -n $one -s RUNNING
	echo "start $(($(now) - begin))"
done
for name in $names; do lxc-stop -n $name -k; done
echo "memory $((($(free) - full) / $(echo $names | wc -w)))"
`;

/** Prints a table. */
export function benchDevice({ root, workDir, versions }) {
  const rows = [
    [
      'LXC',
      'containers',
      'power-on to first container',
      'power-on to last container',
      'start one',
      'memory of each',
    ],
  ];
  for (const version of versions.length > 0 ? versions : [undefined]) {
    for (const count of COUNTS) rows.push(measure({ root, workDir, version, count }));
  }
  console.log(`| ${rows[0].join(' | ')} |\n|${'---|'.repeat(rows[0].length)}`);
  for (const row of rows.slice(1)) console.log(`| ${row.join(' | ')} |`);
  console.log(`\nTimes: median of ${BOOTS} boots, with ${STARTS} starts in each. QEMU without acceleration.`);
}

function measure({ root, workDir, version, count }) {
  const args = ['--board', writeBoard({ root, workDir, version, count }), '--out', join(workDir, 'device')];
  kit(root, ['build', ...args, ...sourceOf(version)]);
  const values = { first: [], last: [], start: [], memory: [] };
  for (let boot = 0; boot < BOOTS; boot++) {
    const printed = kit(root, ['boot', ...args, '--timeout', '900', '--run', '/root/probe']);
    for (const [, name, value] of printed.matchAll(/^(\w+) (-?\d+)$/gm)) {
      if (name === 'running' && Number(value) !== count) {
        throw new Error(`${value} of ${count} containers run:\n${printed}`);
      }
      values[name]?.push(Number(value));
    }
  }
  if (values.memory.length < BOOTS || values.start.length < BOOTS * STARTS)
    throw new Error('the guest failed');
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
 */
function writeBoard({ root, workDir, version, count }) {
  const dir = join(workDir, 'device-board');
  mkdirSync(join(dir, 'overlay', 'root'), { recursive: true });
  writeFileSync(join(dir, 'overlay', 'root', 'probe'), `#!/bin/sh${PROBE}`, { mode: 0o755 });
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

const containerOf = (name, order) => `name: ${name}
kind: system
rootfs: { path: /var/lib/lxc/${name}/rootfs, from: busybox }
command: [/sbin/init]
network: [{ type: empty }]
limits: { memory: 32M, pids: 64 }
console: none
pty: 0
tty: 0
autostart: { order: ${order} }
`;

function sourceOf(version) {
  if (version === undefined) return [];
  const folder = process.env.LXC_KIT_LXC_SOURCES;
  if (folder === undefined) throw new Error('LXC_KIT_LXC_SOURCES names no folder with LXC tarballs');
  return ['--source', `lxc=${join(folder, `lxc-${version}.tar.gz`)}`];
}

function kit(root, args) {
  return execFileSync(process.execPath, [join(root, 'dist', 'bin', 'lxc-kit.js'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CI: 'true' },
  });
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
