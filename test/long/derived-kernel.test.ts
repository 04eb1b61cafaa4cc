import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { fileSystems } from '../../toolkit/kernel-needs/file-systems.ts';
import { RealBoard, START_CONTAINER1 } from '../rigs/real-board.ts';

const pool = (file: string, sha256: string): object[] => [
  { 'debian-pool': `pool/main/l/linux/linux-source-${file}_all.deb`, sha256 },
];

/** Kernels of four series; that of 6.1 is lxc-kit's own. The hashes are those of the files in Debian's pool. */
const kernels = [
  {
    series: '5.10',
    sources: pool('5.10_5.10.223-1', 'f733d27d239d65598d96d7a72f71ac50f49f2380192a1b3b4ca2f5ad5144dd63'),
  },
  { series: '6.1', sources: undefined },
  {
    series: '6.12',
    sources: pool('6.12_6.12.107-1', '775b9ef84d7fa7927ccebfec33fbbe9aeb2482ebf9a92c771aafd33fb6e2ee27'),
  },
  {
    series: '7.1',
    sources: pool('7.1_7.1.8-1', 'b35a9f690d970289548be2e8b90f3a1f083349c7bfe16adbcdbbe262fa51b0c0'),
  },
];

/** A container that asks for everything a definition can ask for. */
const everything = {
  name: 'everything',
  kind: 'system',
  network: [
    { type: 'veth', link: 'br0', name: 'eth0', ipv4: '10.0.0.2/24', ipv6: 'fd00::2/64' },
    { type: 'macvlan', link: 'eth0', name: 'eth1' },
    { type: 'vlan', link: 'eth0', 'vlan-id': 5, name: 'eth2' },
  ],
  limits: { memory: '32M', swap: '8M', pids: 9, 'cpu-shares': 512, 'cpu-quota': '50%', cpus: '0' },
  devices: { allow: ['null'] },
  idmap: ['uid', 'gid'].map((kind) => ({ kind, container: 0, host: 100_000, count: 65_536 })),
  seccomp: 'default',
  auto: ['cgroup:mixed', 'proc:mixed', 'sys:ro'],
  tty: 1,
  mounts: Object.keys(fileSystems).map((type) => ({ type, to: `/mnt/${type}` })),
};

/** The boards, each with a kernel configuration of nothing but its base and the derived fragment. */
const boards = [
  { name: 'malta', changes: { extends: ['malta-mipsel'], kernel: { defconfig: 'allnoconfig' } } },
  { name: 'stb', changes: { extends: ['stb-mipsel'], kernel: { defconfig: 'bmips_stb_defconfig' } } },
  ...['v1', 'v2'].flatMap((cgroup) =>
    [
      ['malta', 'allnoconfig'],
      ['stb', 'bmips_stb_defconfig'],
    ].map(([board, defconfig]) => ({
      name: `${board ?? ''}-everything-${cgroup}`,
      changes: {
        extends: [`${board ?? ''}-mipsel`],
        cgroup,
        kernel: { defconfig },
        containers: [everything],
        bridges: [{ name: 'br0' }],
      },
    })),
  ),
];

/** Writes a profile beside the out directories of tests; JSON is YAML. */
function writeProfile(name: string, changes: { extends: string[]; kernel: object }): string {
  mkdirSync(shippedPath('out', 'test'), { recursive: true });
  const file = shippedPath('out', 'test', `${name}.yaml`);
  const profile = {
    schema: 1,
    name,
    ...changes,
    extends: changes.extends.map((board) => shippedPath('boards', `${board}.yaml`)),
    kernel: { fragments: ['derived'], config: {}, ...changes.kernel },
  };
  writeFileSync(file, JSON.stringify(profile));
  return file;
}

describe.each(kernels)('Linux $series', ({ series, sources }) => {
  test.each(boards)('has all that $name needs, and nothing that was asked for is lost', async (board) => {
    const name = `derived-${board.name}-${series}`;
    const kernel = { ...board.changes.kernel, ...(sources === undefined ? {} : { sources }) };
    const real = new RealBoard(writeProfile(name, { ...board.changes, kernel }), name);
    const { exitCode, stderr } = await real.build('--until', 'configure-kernel');
    expect(exitCode, stderr).toBe(0);
    const config = real.read('config/kernel.config');
    expect(config).toContain(`# Linux/mips ${series}.`);
    expect(JSON.parse(real.read('config/kernel.audit.json'))).toEqual([]);
    const derived = await real.kconfig('derive');
    const asked = derived.stdout.split('\n').filter((line) => line.startsWith('CONFIG_'));
    expect(asked.length).toBeGreaterThan(40);
    const final = new Set(config.split('\n'));
    expect(asked.filter((line) => !final.has(line))).toEqual([]);
  });
});

describe('a kernel of allnoconfig and the derived fragment', () => {
  const derived = new RealBoard(
    writeProfile('derived-malta', {
      extends: ['malta-mipsel'],
      kernel: { defconfig: 'allnoconfig' },
    }),
    'derived-malta',
  );

  beforeAll(async () => {
    const { exitCode, stderr } = await derived.build();
    expect(stderr).not.toContain('error:');
    expect(stderr).not.toContain('configure-kernel: CONFIG_');
    expect(exitCode).toBe(0);
  });

  test.each(['initramfs', 'disk'])('boots from %s, and both containers start', async (root) => {
    const { exitCode, stdout } = await derived.boot(
      [
        START_CONTAINER1,
        'lxc-ls --fancy',
        'cd /sys/fs/cgroup/lxc.payload.system1 && cat memory.max pids.max',
        START_CONTAINER1.replace(/hostname$/, 'busybox dd if=/dev/full of=/dev/null count=1; true'),
        'lxc-checkconfig',
      ],
      '--root',
      root,
    );
    expect(stdout).toMatch(/^container1\n/);
    expect(stdout).toMatch(/^system1\s+RUNNING 1 /m);
    expect(stdout).toMatch(/^33554432\n64$/m);
    expect(stdout).toMatch(/can't open '\/dev\/full': Operation not permitted/);
    expect(stdout).toMatch(/^Cgroup memory controller: .*enabled/m);
    expect(exitCode).toBe(0);
    expect(derived.read('logs/console.log')).not.toMatch(/rcS: failed|WARNING:|Oops/);
  });

  test('is smaller than that of the hand-made fragments', async () => {
    const handMade = new RealBoard('malta-mipsel', 'malta-mipsel');
    const { exitCode, stderr } = await handMade.build('--until', 'build-kernel');
    expect(exitCode, stderr).toBe(0);
    const sizeOf = ({ outDir }: RealBoard): number => statSync(join(outDir, 'images', 'vmlinux')).size;
    const symbolsIn = (board: RealBoard): number =>
      board.read('config/kernel.config').match(/^CONFIG_\w+=y$/gm)?.length ?? 0;
    expect(sizeOf(derived)).toBeLessThan(sizeOf(handMade));
    expect(symbolsIn(derived)).toBeLessThan(symbolsIn(handMade));
  });
});
