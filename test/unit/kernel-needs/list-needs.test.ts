import { describe, expect, it } from 'vitest';
import type { BoardDescription } from '../../../toolkit/kernel-needs/board-description.ts';
import type { ContainerDefinition } from '../../../toolkit/board/container-schema.ts';
import { rangeMaps } from '../../../toolkit/lxc-keys/id-ranges.ts';
import { listNeeds } from '../../../toolkit/kernel-needs/list-needs.ts';
import { boardWith, SMALLEST } from './rig.ts';

const required = (board: BoardDescription): string[] =>
  listNeeds(board)
    .filter(({ wanted }) => !wanted)
    .map(({ symbol }) => symbol.replace('CONFIG_', ''))
    .sort();

/** Symbols that a definition requires beyond those of the smallest one. */
function extra(yaml: string, changes: Partial<BoardDescription> = {}): string[] {
  const base = required(boardWith([`{ name: c, ${SMALLEST} }`], changes));
  return required(boardWith([`{ name: c, ${SMALLEST}, ${yaml} }`], changes)).filter(
    (symbol) => !base.includes(symbol),
  );
}

describe('the list of required symbols', () => {
  it('covers init and the mounts of rcS for any board', () => {
    expect(required(boardWith([]))).toEqual(
      'BINFMT_ELF BINFMT_SCRIPT FUTEX MULTIUSER PROC_FS SYSFS TMPFS'.split(' '),
    );
  });

  it('adds namespaces, sockets and locks for a board with containers', () => {
    const board = required(boardWith([]));
    const added = required(boardWith([`{ name: c, ${SMALLEST} }`])).filter((one) => !board.includes(one));
    expect(added).toEqual(
      'CGROUPS EPOLL FILE_LOCKING IPC_NS NAMESPACES NET PID_NS SIGNALFD UNIX UTS_NS'.split(' '),
    );
  });

  it('grows with the defaults of a definition', () => {
    const smallest = required(boardWith([`{ name: c, ${SMALLEST} }`]));
    expect(required(boardWith(['name: c'])).filter((one) => !smallest.includes(one))).toEqual([
      'NET_NS',
      'UNIX98_PTYS',
    ]);
  });

  it.each([
    ['limits: { memory: 8M }', 'v2', ['MEMCG']],
    ['limits: { memory: 8M, swap: 8M }', 'v2', ['MEMCG', 'SWAP']],
    ['limits: { pids: 9 }', 'v1', ['CGROUP_PIDS']],
    ['limits: { cpu-shares: 9 }', 'v2', ['CGROUP_SCHED', 'FAIR_GROUP_SCHED']],
    ['limits: { cpu-quota: 50% }', 'v2', ['CFS_BANDWIDTH', 'CGROUP_SCHED', 'FAIR_GROUP_SCHED']],
    ['limits: { cpus: "0" }', 'v1-single', ['CPUSETS']],
    ['devices: {}', 'v2', ['BPF_SYSCALL', 'CGROUP_BPF']],
    ['devices: {}', 'v1', ['CGROUP_DEVICE']],
    ['idmap: [{ kind: uid, container: 0, host: 100000, count: 65536 }]', 'v2', ['USER_NS']],
    ['seccomp: default', 'v2', ['SECCOMP', 'SECCOMP_FILTER']],
    ['tty: 2', 'v2', ['UNIX98_PTYS']],
    ['rootfs: { overlay: {} }', 'v2', ['OVERLAY_FS']],
    ['rootfs: { image: squashfs }', 'v2', ['BLK_DEV_LOOP', 'SQUASHFS', 'SQUASHFS_ZLIB']],
    ['rootfs: { image: ext4, readonly: true }', 'v2', ['BLK_DEV_LOOP', 'EXT4_FS']],
    ['mounts: [{ type: overlay, to: /x }, { type: ext3, to: /y }]', 'v2', ['EXT4_FS', 'OVERLAY_FS']],
    ['raw: ["lxc.sched.core = 1", "lxc.net.0.veth.pair = v0"]', 'v2', ['SCHED_CORE', 'VETH']],
  ] as const)('grows with %s on cgroup %s', (yaml, cgroup, needed) => {
    expect(extra(yaml, { cgroup })).toEqual(needed);
  });

  it('grows with network interfaces', () => {
    const yaml = `
name: c
network:
  - { type: veth, link: br0, ipv4: 10.0.0.2/24, ipv6: "fd00::2/64" }
  - { type: macvlan, link: eth0 }
  - { type: vlan, link: eth0, vlan-id: 5 }`;
    expect(required(boardWith([yaml]))).toEqual(
      expect.arrayContaining(['VETH', 'BRIDGE', 'MACVLAN', 'VLAN_8021Q', 'INET', 'IPV6', 'NET_NS']),
    );
  });
});

describe('names', () => {
  const yaml =
    'limits: { memory: 8M, swap: 8M, cpus: "0", pids: 5 }, mounts: [{ type: ext3, to: /x }], tty: 1';
  const on = (kernelVersion: string, cgroup: BoardDescription['cgroup']): string[] =>
    extra(yaml, { kernelVersion, cgroup });

  it('are those of the kernel', () => {
    expect(on('2.6.32', 'v1')).toEqual([
      'CGROUP_MEM_RES_CTLR',
      'CGROUP_MEM_RES_CTLR_SWAP',
      'CPUSETS',
      'DEVPTS_MULTIPLE_INSTANCES',
      'EXT3_FS',
      'RESOURCE_COUNTERS',
      'SWAP',
      'UNIX98_PTYS',
    ]);
    expect(on('3.10', 'v1')).toEqual([
      'CPUSETS',
      'DEVPTS_MULTIPLE_INSTANCES',
      'EXT3_FS',
      'MEMCG',
      'MEMCG_SWAP',
      'RESOURCE_COUNTERS',
      'SWAP',
      'UNIX98_PTYS',
    ]);
    const modern = ['CGROUP_PIDS', 'CPUSETS', 'EXT4_FS', 'MEMCG', 'SWAP', 'UNIX98_PTYS'];
    expect(on('5.10.223', 'v1')).toEqual([...modern, 'MEMCG_SWAP'].sort());
    expect(on('6.1.161', 'v1')).toEqual(modern);
    expect(on('6.12.107', 'v1')).toEqual([...modern, 'CPUSETS_V1', 'MEMCG_V1'].sort());
    expect(on('7.1.8', 'v2')).toEqual(modern);
  });

  it('leave out symbols that a kernel lacks', () => {
    const early = listNeeds(boardWith(['name: c'], { kernelVersion: '2.6.32' })).map(({ symbol }) => symbol);
    for (const later of ['MULTIUSER', 'POSIX_TIMERS', 'TTY', 'MEMFD_CREATE'])
      expect(early).not.toContain(`CONFIG_${later}`);
  });
});

describe('the release of LXC', () => {
  const freezer = (lxcVersion: string, cgroup: BoardDescription['cgroup']) =>
    listNeeds(boardWith(['name: c'], { lxcVersion, cgroup })).find(
      ({ symbol }) => symbol === 'CONFIG_CGROUP_FREEZER',
    );

  it('decides whether a hierarchy of cgroup v1 is required', () => {
    expect(freezer('1.1.5', 'v1')).toMatchObject({ wanted: false });
    expect(freezer('5.0.2', 'v1')).toMatchObject({ wanted: true });
    expect(freezer('5.0.2', 'v1-single')).toMatchObject({ wanted: false });
    expect(freezer('5.0.2', 'v2')).toBeUndefined();
  });
});

describe('the user namespace of a container', () => {
  const needs = (more: Partial<ContainerDefinition>) => {
    const board = boardWith(['name: c']);
    const containers = board.containers.map((one) => ({
      ...one,
      definition: { ...one.definition, ...more },
    }));
    return listNeeds({ ...board, containers }).find(({ symbol }) => symbol === 'CONFIG_USER_NS');
  };
  const idmap = rangeMaps(1_048_576);

  it('is wanted by default, and required of a definition that asks for it', () => {
    expect(needs({ idmap, givenIds: true })).toMatchObject({
      wanted: true,
      reasons: ['unprivileged containers (c)'],
    });
    expect(needs({ idmap, givenIds: true, privileged: false })?.wanted).toBe(false);
    expect(needs({ idmap })?.wanted).toBe(false);
    expect(needs({ privileged: true })).toBeUndefined();
  });
});

describe('random numbers for the first container', () => {
  const sources = (changes: Partial<BoardDescription>, containers = ['name: c']) =>
    listNeeds(boardWith(containers, changes))
      .filter(({ symbol }) => symbol.startsWith('CONFIG_HW_RANDOM'))
      .map(({ symbol, onlyWith = 'any', wanted }) => [symbol.replace('CONFIG_', ''), onlyWith, wanted]);

  it('are wanted of the generator that the processor has, by the name that the kernel has for its driver', () => {
    expect(sources({ kernelVersion: '6.1.161' })).toEqual([
      ['HW_RANDOM', 'any', true],
      ['HW_RANDOM_BCM2835', 'BCM63XX', true],
      ['HW_RANDOM_BCM2835', 'BMIPS_GENERIC', true],
      ['HW_RANDOM_INGENIC_RNG', 'MACH_JZ4780', true],
      ['HW_RANDOM_INGENIC_RNG', 'MACH_X1000', true],
      ['HW_RANDOM_INGENIC_TRNG', 'MACH_X1830', true],
      ['HW_RANDOM_PIC32', 'MACH_PIC32', true],
    ]);
    expect(sources({ kernelVersion: '4.9' })).toEqual([
      ['HW_RANDOM', 'any', true],
      ['HW_RANDOM_BCM63XX', 'BCM63XX', true],
      ['HW_RANDOM_BCM63XX', 'BMIPS_GENERIC', true],
      ['HW_RANDOM_PIC32', 'MACH_PIC32', true],
    ]);
  });

  it('are wanted only where LXC reads them', () => {
    expect(sources({ lxcVersion: '3.0.3' })).toEqual([]);
    expect(sources({ lxcVersion: '3.0.4' })).not.toEqual([]);
    expect(sources({}, [])).toEqual([]);
  });
});

describe('reasons', () => {
  const reasonsIn = (board: BoardDescription): Map<string, readonly string[]> =>
    new Map(listNeeds(board).map(({ symbol, reasons }) => [symbol, reasons]));

  it('stand together at one symbol, with the containers they are for', () => {
    const reasons = reasonsIn(
      boardWith([
        '{ name: web, network: [{ type: veth, link: br0 }], raw: ["lxc.net.0.veth.pair = v0"] }',
        '{ name: db, network: [{ type: veth }], mounts: [{ type: tmpfs, to: /tmp }] }',
      ]),
    );
    expect(reasons.get('CONFIG_VETH')).toEqual(['veth interface (web, db)', 'lxc.net.0.veth.pair (web)']);
    expect(reasons.get('CONFIG_BRIDGE')).toEqual(['veth interface on a bridge (web)']);
    expect(reasons.get('CONFIG_TMPFS')).toEqual([
      '/proc, /sys, /run and /tmp',
      '/dev made by LXC (web, db)',
      'tmpfs mount (db)',
    ]);
    expect(reasons.get('CONFIG_PID_NS')).toEqual(['every container']);
  });

  it('put those that require a symbol before those that only want it', () => {
    const [board, withTerminal] = [[], ['name: c']].map((containers) =>
      listNeeds(boardWith(containers)).find(({ symbol }) => symbol === 'CONFIG_UNIX98_PTYS'),
    );
    expect(board).toEqual({ symbol: 'CONFIG_UNIX98_PTYS', reasons: ['/dev/pts'], wanted: true });
    expect(withTerminal).toMatchObject({ reasons: ['console or terminals (c)', '/dev/pts'], wanted: false });
  });
});

it('takes in what architecture, machine and images say for themselves, where the kernel has it', () => {
  const needs = listNeeds(
    boardWith([], {
      architecture: { needs: [{ symbols: ['CPU_LITTLE_ENDIAN'], reason: 'little-endian' }] },
      machine: {
        needs: [{ symbols: ['MIPS_MALTA'], reason: 'the machine', wanted: true }],
        prerequisites: [],
      },
      images: [
        {
          kind: 'squashfs',
          needs: [
            { symbols: ['SQUASHFS'], reason: 'the image' },
            { symbols: ['SQUASHFS_LATER'], since: '6.2', reason: 'the image' },
          ],
        },
      ],
    }),
  );
  const found = needs.filter(({ symbol }) => /ENDIAN|MALTA|SQUASHFS/.test(symbol));
  expect(found).toEqual([
    { symbol: 'CONFIG_CPU_LITTLE_ENDIAN', reasons: ['little-endian'], wanted: false },
    { symbol: 'CONFIG_MIPS_MALTA', reasons: ['the machine'], wanted: true },
    { symbol: 'CONFIG_SQUASHFS', reasons: ['the image'], wanted: false },
  ]);
});
