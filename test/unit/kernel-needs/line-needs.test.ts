import { describe, expect, it } from 'vitest';
import type { BoardDescription } from '../../../toolkit/kernel-needs/board-description.ts';
import { symbolsOfNode } from '../../../toolkit/kernel-needs/device-nodes.ts';
import { symbolsOfLine } from '../../../toolkit/kernel-needs/line-needs.ts';
import { listNeeds } from '../../../toolkit/kernel-needs/list-needs.ts';
import { boardWith, SMALLEST } from './rig.ts';

const symbols = (line: string, changes: Partial<BoardDescription> = {}): string[] => {
  const [key = '', value = ''] = line.split(' = ');
  return symbolsOfLine(key, value, boardWith([], changes));
};

describe('symbolsOfLine', () => {
  it.each([
    ['lxc.cgroup2.io.weight = 100', 'BLK_CGROUP BLK_CGROUP_IOCOST'],
    ['lxc.cgroup2.io.bfq.weight = 100', 'BLK_CGROUP BFQ_GROUP_IOSCHED'],
    ['lxc.cgroup2.io.max = 8:0 rbps=1048576', 'BLK_CGROUP BLK_DEV_THROTTLING'],
    ['lxc.cgroup2.io.latency = 8:0 target=10', 'BLK_CGROUP BLK_CGROUP_IOLATENCY'],
    ['lxc.cgroup2.memory.high = 8M', 'MEMCG'],
    ['lxc.cgroup2.memory.swap.max = 8M', 'MEMCG SWAP'],
    ['lxc.cgroup2.pids.max = 20', 'CGROUP_PIDS'],
    ['lxc.cgroup2.cpu.max = 50000 100000', 'CGROUP_SCHED FAIR_GROUP_SCHED CFS_BANDWIDTH'],
    ['lxc.cgroup2.cpu.uclamp.max = 50', 'UCLAMP_TASK_GROUP'],
    ['lxc.cgroup2.cpuset.cpus = 0', 'CPUSETS'],
    ['lxc.cgroup2.hugetlb.2MB.max = 2M', 'CGROUP_HUGETLB'],
    ['lxc.cgroup2.rdma.max = mlx4_0 hca_handle=2', 'CGROUP_RDMA'],
    ['lxc.cgroup2.misc.max = res_a 1', 'CGROUP_MISC'],
    ['lxc.cgroup2.devices.allow = c 1:3 rwm', 'CGROUP_BPF BPF_SYSCALL'],
    ['lxc.net.0.type = macvlan', 'MACVLAN'],
    ['lxc.net.0.ipv6.address = fd00::2/64', 'IPV6'],
    ['lxc.mount.entry = none data ext4 defaults 0 0', 'EXT4_FS'],
    ['lxc.mount.entry = none data ext4 defaults,optional 0 0', ''],
    ['lxc.rootfs.path = overlay:/a:/b', 'OVERLAY_FS'],
    ['lxc.cgroup.dir = kit', ''],
    ['lxc.cgroup2.cgroup.freeze = 1', ''],
    // An empty value takes back what was set.
    ['lxc.cgroup2.io.weight = ', ''],
  ])('%s needs %s', (line, needed) => {
    expect(symbols(line)).toEqual(needed === '' ? [] : needed.split(' '));
  });

  it('asks for the symbols of the version of cgroup that the board mounts, by their name in its kernel', () => {
    const v1 = { cgroup: 'v1' } as const;
    expect(symbols('lxc.cgroup.cpu.rt_runtime_us = 1000', v1)).toEqual(['CGROUP_SCHED', 'RT_GROUP_SCHED']);
    expect(symbols('lxc.cgroup.blkio.weight = 100', { ...v1, kernelVersion: '4.19' })).toEqual([
      'BLK_CGROUP',
      'CFQ_GROUP_IOSCHED',
    ]);
    expect(symbols('lxc.cgroup.cpuset.cpus = 0', { ...v1, kernelVersion: '6.12' })).toEqual([
      'CPUSETS',
      'CPUSETS_V1',
    ]);
    expect(symbols('lxc.cgroup.memory.limit_in_bytes = 8M', { ...v1, kernelVersion: '6.12' })).toContain(
      'MEMCG_V1',
    );
    expect(symbols('lxc.cgroup2.memory.max = 8M', v1)).toEqual([]);
  });
});

describe('symbolsOfNode', () => {
  it.each([
    ['/dev/net/tun', 'TUN'],
    ['/dev/fuse', 'FUSE_FS'],
    ['/dev/loop3', 'BLK_DEV_LOOP'],
    ['/dev/loop-control', 'BLK_DEV_LOOP'],
    ['/dev/watchdog', 'WATCHDOG'],
    ['/dev/ppp', 'PPP'],
    ['/dev/input/event0', 'INPUT INPUT_EVDEV'],
    ['/dev/uinput', 'INPUT_UINPUT'],
    ['/dev/i2c-1', 'I2C_CHARDEV'],
    ['/dev/spidev0.1', 'SPI_SPIDEV'],
    ['/dev/mem', 'DEVMEM'],
    ['/dev/rtc0', 'RTC_CLASS RTC_INTF_DEV'],
    ['/dev/mtd0', 'MTD'],
    ['/dev/ubi_ctrl', 'MTD_UBI'],
    ['/dev/snd/controlC0', 'SOUND SND'],
    ['/dev/kvm', 'KVM'],
    ['/dev/ttyS0', 'TTY'],
    ['/proc/config.gz', 'IKCONFIG_PROC'],
    ['/sys/class/gpio/gpio4', 'GPIO_SYSFS'],
    ['/dev/null', ''],
    ['/dev/vendor0', ''],
    ['/run/fuse', ''],
  ])('%s needs %s', (path, needed) => {
    expect(symbolsOfNode(path, '6.1.161')).toEqual(needed === '' ? [] : needed.split(' '));
  });

  it('knows since when a driver may be left out', () => {
    expect(symbolsOfNode('/dev/mem', '3.18')).toEqual([]);
    expect(symbolsOfNode('/dev/autofs', '4.9')).toEqual(['AUTOFS4_FS']);
  });
});

describe('a need of the kernel', () => {
  const reasons = (yaml: string, symbol: string): readonly string[] | undefined =>
    listNeeds(boardWith([`{ name: c, ${SMALLEST}, ${yaml} }`])).find((one) => one.symbol === symbol)?.reasons;

  it('comes from a bind of a node, also by a raw line, and not from an optional one', () => {
    expect(reasons('bind: [/dev/net/tun]', 'CONFIG_TUN')).toEqual(['binding /dev/net/tun (c)']);
    const raw = (options: string): string =>
      `raw: ["lxc.mount.entry = /dev/net/tun dev/net/tun none ${options} 0 0"]`;
    expect(reasons(raw('bind,create=file'), 'CONFIG_TUN')).toEqual(['binding /dev/net/tun (c)']);
    expect(reasons(raw('bind,create=file,optional'), 'CONFIG_TUN')).toBeUndefined();
    expect(reasons('bind: [{ from: /dev/net/tun, optional: true }]', 'CONFIG_TUN')).toBeUndefined();
  });

  it('comes from a raw limit', () => {
    expect(reasons('raw: ["lxc.cgroup2.io.weight = 100"]', 'CONFIG_BLK_CGROUP_IOCOST')).toEqual([
      'lxc.cgroup2.io.weight (c)',
    ]);
  });
});
