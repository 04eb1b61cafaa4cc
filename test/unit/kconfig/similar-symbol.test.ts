import { describe, expect, test } from 'vitest';
import { similarSymbols, withoutPrefix } from '../../../toolkit/kconfig/similar-symbol.ts';

/** Some symbols of Linux 6.1. */
const LINUX = [
  'ADFS_FS',
  'AFFS_FS',
  'BLK_CGROUP',
  'BRIDGE',
  'CFS_BANDWIDTH',
  'CGROUPS',
  'CGROUP_FREEZER',
  'CGROUP_PIDS',
  'CPUSETS',
  'DEVMEM',
  'DEVTMPFS',
  'IP_NF_IPTABLES',
  'NETFILTER_XT_MATCH_COMMENT',
  'NET_CLS_CGROUP',
  'NFSD_V4',
  'NFS_FS',
  'NFS_V3',
  'NF_CONNTRACK',
  'NF_TABLES',
  'NR_CPUS',
  'NTFS3_FS',
  'OVERLAY_FS',
  'PCI_LANTIQ',
  'SECURITY_POLICIES',
  'SMSC911X',
  'SND_SOC_RT5682',
  'SPI_BCM2835',
  'TUN',
  'USER_NS',
  'VETH',
];
const similar = similarSymbols(LINUX);

describe('a slip of the keyboard is seen', () => {
  test.each([
    // Neighbours swapped.
    ['VEHT', 'VETH'],
    ['CGRUOP_PIDS', 'CGROUP_PIDS'],
    ['BIRDGE', 'BRIDGE'],
    ['BLK_CGRUOP', 'BLK_CGROUP'],
    // An underscore too many or too few, and small letters.
    ['USERNS', 'USER_NS'],
    ['NFTABLES', 'NF_TABLES'],
    ['IP_NF_IP_TABLES', 'IP_NF_IPTABLES'],
    ['CPU_SETS', 'CPUSETS'],
    ['veth', 'VETH'],
    // One for many.
    ['CGROUP', 'CGROUPS'],
    ['CGROUPS_PID', 'CGROUP_PIDS'],
    ['NR_CPU', 'NR_CPUS'],
    ['SECURITY_POLICY', 'SECURITY_POLICIES'],
    // A letter doubled, or of two only one.
    ['VETTH', 'VETH'],
    ['NETFILTER_XT_MATCH_COMENT', 'NETFILTER_XT_MATCH_COMMENT'],
    // A letter of a long word.
    ['NF_CONNTRAK', 'NF_CONNTRACK'],
    ['CFS_BANDWITH', 'CFS_BANDWIDTH'],
    ['OVERLY_FS', 'OVERLAY_FS'],
    ['NETFULTER_XT_MATCH_COMMENT', 'NETFILTER_XT_MATCH_COMMENT'],
    // The prefix.
    ['CONFIG_VETH', 'VETH'],
    ['CNOFIG_NF_TABLES', 'NF_TABLES'],
  ])('%s: %s', (name, meant) => {
    expect(similar(name)).toBe(meant);
  });
});

describe('names that only look alike are different symbols', () => {
  test.each([
    // Each of these exists, or existed, and has nothing to do with its neighbour.
    'NFSD_V3',
    'AUFS_FS',
    'NTFS_FS',
    'CLS_CGROUP',
    'SPI_LANTIQ',
    'DEVKMEM',
    'AFS_FS',
    'SMC911X',
    'SND_SOC_RT5682S',
    'SPI_BCM2853',
    // And these do not.
    'OVERLAYFS_FS',
    'DOCKER',
    'CGROUP_FROZEN',
    'NFS_SERVER',
    'TNU',
    'V',
    '',
  ])('%s', (name) => {
    expect(similar(name)).toBeUndefined();
  });

  test('and of two that are as near, neither is named', () => {
    expect(similarSymbols(['NET_IPVLANS', 'NETIP_VLANS'])('NETIPVLANS')).toBeUndefined();
    expect(similarSymbols(['BRIDGES', 'BRIDGEES'])('BRIDGE')).toBeUndefined();
  });
});

test('a prefix that is misspelt, and a word that only begins like it', () => {
  expect(withoutPrefix('CNOFIG_FEATURE_UTMP')).toBe('FEATURE_UTMP');
  expect(withoutPrefix('CONFIG_FEATURE_UTMP')).toBe('FEATURE_UTMP');
  expect(withoutPrefix('CONFG_FEATURE_UTMP')).toBe('FEATURE_UTMP');
  expect(withoutPrefix('CONFIGFS_FS')).toBeUndefined();
  expect(withoutPrefix('FEATURE_UTMP')).toBeUndefined();
  expect(withoutPrefix('CONFIG')).toBeUndefined();
});
