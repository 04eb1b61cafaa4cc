/** A change to LXC's own build files that a series needs, with where upstream made it. */
export interface SourceEdit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** How one series of LXC is configured and what it takes to compile it with a current compiler. */
export interface LxcRecipe {
  /** `5.0`: the first two numbers of the version. */
  readonly series: string;
  readonly buildSystem: 'meson';
  readonly options: readonly string[];
  readonly cflags: readonly string[];
  readonly ldflags: readonly string[];
  readonly edits: readonly SourceEdit[];
}

/** What every meson series is told: only the tools and the library, and nothing that depends on the build host. */
const COMMON_OPTIONS = [
  '-Dman=false',
  '-Dexamples=false',
  '-Dtests=false',
  '-Dseccomp=false',
  '-Dapparmor=false',
  '-Dselinux=false',
  '-Dopenssl=false',
  '-Dcapabilities=true',
  '-Dpam-cgroup=false',
  '-Dio-uring-event-loop=false',
  '-Dmemfd-rexec=false',
  // An empty list: the default, systemd, is looked for on the build host.
  '-Dinit-script=',
  // Empty means "look at the build host's /etc" and stops where that is neither Debian's nor Red Hat's.
  '-Ddistrosysconfdir=default',
  '-Druntime-path=/run',
];

/**
 * A read-only relocation segment has to end at a 64 kB boundary on MIPS, which pads each of 25 tools
 * from 15 kB to 68 kB. The library and the tools run as root of the device and gain little from it.
 */
const COMMON_LDFLAGS = ['-Wl,-z,norelro'];

/** Installed files that nothing on the device uses, as path prefixes below the root. */
export const unusedLxcFiles: readonly string[] = [
  '/usr/share/bash-completion',
  '/usr/share/doc',
  '/usr/share/man',
  '/etc/init.d',
  '/etc/sysctl.d',
  '/lib/systemd',
  // Headers and static libraries, wherever the prefix puts them, are taken out by pruneInstalled.
  // The library does what these did: init.lxc since 4.0.10, lxc-monitord since 2.0.9.
  'init.lxc',
  'lxc-monitord',
  // Helpers of init scripts and desktops that the device does not have.
  'lxc-apparmor-load',
  'lxc-containers',
  'lxc-net',
  'lxc-patch.py',
  'dhclient',
  'mountecryptfsroot',
  'nvidia',
  'squid-deb-proxy-client',
  'ubuntu-cloud-prep',
  'lxc-download',
  'lxc-oci',
];

/** The libraries that Debian builds LXC with, beside libcap (debian/rules of the package). */
export const debianLxcFeatures: readonly string[] = ['seccomp', 'apparmor', 'selinux'];

/** LXC by series. The one place to add one. */
export const lxcRecipes: readonly LxcRecipe[] = [
  {
    series: '5.0',
    buildSystem: 'meson',
    options: [...COMMON_OPTIONS, '-Dsd-bus=disabled'],
    // Gives the tools the library's internal functions, which 6.0 compiles into each tool again.
    cflags: ['-D__hidden='],
    ldflags: COMMON_LDFLAGS,
    edits: [
      {
        file: 'src/lxc/tools/meson.build',
        from: 'tools_common_sources = liblxc_sources + files(',
        to: 'tools_common_sources = files(',
        reason:
          'each tool compiles and holds all of liblxc (24 MB instead of 1.5 MB); upstream mended it in 6.0.0, commit 86799f554224',
      },
      {
        file: 'src/lxc/cmd/meson.build',
        from: 'cmd_common_sources = liblxc_sources + include_sources',
        to: 'cmd_common_sources = include_sources',
        reason: 'as above, for lxc-monitord, lxc-user-nic and lxc-usernsexec',
      },
    ],
  },
  {
    series: '6.0',
    buildSystem: 'meson',
    options: [
      ...COMMON_OPTIONS,
      '-Ddbus=false',
      '-Dtools-multicall=true',
      '-Dtools=false',
      '-Dinstall-init-files=false',
      '-Dinstall-state-dirs=false',
      '-Dspecfile=false',
    ],
    cflags: [],
    ldflags: COMMON_LDFLAGS,
    edits: [],
  },
];

/** The recipe for a version: its own series', or the nearest one's with `exact` false. */
export function findRecipe(version: string): { readonly recipe: LxcRecipe; readonly exact: boolean } {
  const series = version.split('.').slice(0, 2).join('.');
  const own = lxcRecipes.find((recipe) => recipe.series === series);
  if (own !== undefined) return { recipe: own, exact: true };
  const distance = (recipe: LxcRecipe): number =>
    Math.abs(seriesNumber(recipe.series) - seriesNumber(series));
  const [first, ...others] = lxcRecipes;
  if (first === undefined) throw new Error('the table of LXC recipes is empty');
  return { recipe: others.reduce((a, b) => (distance(b) < distance(a) ? b : a), first), exact: false };
}

/** A series as one number: 5.10 comes after 5.9, and both are nearer to each other than to any 6. */
function seriesNumber(series: string): number {
  const [major = 0, minor = 0] = series.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return major * 1000 + minor;
}
