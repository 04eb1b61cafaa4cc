import type { PrebuiltPackages } from '../debian/prebuilt.ts';
import type { SourceSpec } from './source-kinds.ts';

export type ComponentName = 'kernel' | 'busybox' | 'libcap' | 'libseccomp' | 'lxc' | 'iptables' | 'dropbear';

export interface CatalogEntry {
  /** The places to look for the source, in this order, if the board profile names none. */
  readonly candidates: readonly SourceSpec[];
  /** Makes a `{debian: …}` candidate stand for programs that Debian has compiled for the target. */
  readonly prebuilt?: PrebuiltPackages;
}

/**
 * The built-in sources. Upstream comes first; the others are for machines that only reach a Debian mirror, which is
 * normal in firmware labs and CI.
 */
export const catalog: Readonly<Record<ComponentName, CatalogEntry>> = {
  kernel: {
    candidates: [
      {
        version: '6.1.161',
        url: 'https://cdn.kernel.org/pub/linux/kernel/v6.x/linux-6.1.161.tar.xz',
        // From Buildroot's linux/linux.hash, which has it from kernel.org's sha256sums.asc.
        sha256: 'b41666bda7223600386a07ebe1802f5029da2fe81f6a85d691b6ec6a707e5a29',
      },
      // The same series with Debian's patches; apt checks it by signature.
      { debian: 'linux-source-6.1' },
      // Debian 13 has no 6.1.
      { debian: 'linux-source-6.12' },
    ],
  },
  busybox: {
    candidates: [
      {
        version: '1.37.0',
        url: 'https://busybox.net/downloads/busybox-1.37.0.tar.bz2',
        // From Buildroot's package/busybox/busybox.hash.
        sha256: '3311dff32e746499f4df0d5df04d7eb396382d7e108bb9250e7b519b837043a4',
      },
      {
        version: '1.37.0',
        // Upstream's tarball byte for byte, in Debian's pool.
        'debian-pool': 'pool/main/b/busybox/busybox_1.37.0.orig.tar.bz2',
        sha256: '3311dff32e746499f4df0d5df04d7eb396382d7e108bb9250e7b519b837043a4',
      },
    ],
  },
  libcap: {
    candidates: [
      {
        version: '2.66',
        url: 'https://www.kernel.org/pub/linux/libs/security/linux-privs/libcap2/libcap-2.66.tar.xz',
        // The hash of upstream's file in Debian's pool; Buildroot's package/libcap/libcap.hash never had 2.66.
        sha256: '15c40ededb3003d70a283fe587a36b7d19c8b3b554e33f86129c059a4bb466b2',
      },
      {
        version: '2.66',
        'debian-pool': 'pool/main/libc/libcap2/libcap2_2.66.orig.tar.xz',
        sha256: '15c40ededb3003d70a283fe587a36b7d19c8b3b554e33f86129c059a4bb466b2',
      },
    ],
  },
  libseccomp: {
    candidates: [
      {
        version: '2.5.4',
        url: 'https://github.com/seccomp/libseccomp/releases/download/v2.5.4/libseccomp-2.5.4.tar.gz',
        // From Buildroot's package/libseccomp/libseccomp.hash.
        sha256: 'd82902400405cf0068574ef3dc1fe5f5926207543ba1ae6f8e7a1576351dcbdb',
      },
      {
        version: '2.5.4',
        // Upstream's tarball byte for byte, in Debian's pool.
        'debian-pool': 'pool/main/libs/libseccomp/libseccomp_2.5.4.orig.tar.gz',
        sha256: 'd82902400405cf0068574ef3dc1fe5f5926207543ba1ae6f8e7a1576351dcbdb',
      },
    ],
  },
  lxc: {
    candidates: [
      {
        version: '5.0.2',
        url: 'https://linuxcontainers.org/downloads/lxc/lxc-5.0.2.tar.gz',
        // From Buildroot's package/lxc/lxc.hash.
        sha256: 'bea08d2e49efcee34fa58acd2bc95c0adc64d291c07f4cfaf4ac1d8ac5a36f45',
      },
      { debian: 'lxc' },
    ],
    // Debian 12 has the tools in lxc, init.lxc, hooks and configurations in liblxc-common, the library in liblxc1.
    prebuilt: {
      packages: ['lxc', 'liblxc-common', 'liblxc1'],
    },
  },
  iptables: {
    candidates: [{ debian: 'iptables' }],
    prebuilt: { packages: ['iptables'], only: true },
  },
  dropbear: {
    candidates: [
      {
        version: '2025.89',
        url: 'https://matt.ucc.asn.au/dropbear/releases/dropbear-2025.89.tar.bz2',
        // From OpenWrt's package/network/services/dropbear/Makefile.
        sha256: '0d1f7ca711cfc336dc8a85e672cab9cfd8223a02fe2da0a4a7aeb58c9e113634',
      },
      {
        version: '2025.89',
        // Upstream's tarball byte for byte, in Debian's pool for Debian 13; the index of its sources is signed. That of
        // Debian 12, 2022.83, has known vulnerabilities without Debian's patches.
        'debian-pool': 'pool/main/d/dropbear/dropbear_2025.89.orig.tar.bz2',
        sha256: '0d1f7ca711cfc336dc8a85e672cab9cfd8223a02fe2da0a4a7aeb58c9e113634',
      },
    ],
  },
};
