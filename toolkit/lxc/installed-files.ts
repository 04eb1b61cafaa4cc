import { inVersionRange } from '../base/compare-versions.ts';
import type { Helper } from './recipe.ts';

/** Programs that only some releases need. */
export const helpers: readonly Helper[] = [
  {
    name: 'init.lxc',
    until: '4.0.9',
    reason:
      'lxc-execute starts it in the container, which must have it; since 4.0.10 the library does its work',
  },
  {
    name: 'init.lxc.static',
    until: '4.0.9',
    mountPoint: '/init.lxc.static',
    reason: 'lxc-execute mounts it into a container that has no init.lxc',
  },
  {
    name: 'lxc-monitord',
    until: '2.0.8',
    reason:
      'lxc-start without -F and lxc-wait connect to it; without it they wait for 5 seconds and report a failure',
  },
];

/** Returns files in a container's root filesystem on which a release mounts its own programs. */
export function helperMountPoints(version: string): readonly string[] {
  return helpers
    .filter((helper) => inVersionRange(version, helper))
    .flatMap(({ mountPoint }) => mountPoint ?? []);
}

/** Installed files that nothing on the device uses: the end of a path, or the start of a name. */
export const unusedLxcFiles: readonly string[] = [
  '/share/bash-completion',
  '/share/doc',
  '/share/man',
  '/etc/init.d',
  '/etc/sysctl.d',
  '/lib/systemd',
  // pruneInstalled removes headers and static libraries in any prefix.
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
  // Policies for a desktop's SELinux, up to 3.0.
  'lxc.te',
  'lxc.if',
];

/** The lxc-create templates to keep. The others make containers of distributions and need their tools and a network. */
export const keptTemplates: readonly string[] = ['lxc-busybox', 'lxc-local'];

/** The shared configurations in share/lxc/config to keep; the others are for containers of distributions. */
export const keptConfigs: readonly string[] = [
  'common.conf',
  'common.conf.d',
  'common.seccomp',
  'userns.conf',
  'userns.conf.d',
  'nesting.conf',
  'oci.common.conf',
];
