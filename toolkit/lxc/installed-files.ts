import { inVersionRange } from '../base/compare-versions.ts';
import type { Helper } from './recipe.ts';

/** Programs without which some releases do not run, and others do. */
export const helpers: readonly Helper[] = [
  {
    name: 'init.lxc',
    until: '4.0.9',
    reason:
      'lxc-execute starts it in the container, where it has to lie; from 4.0.10 on the library does its work',
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
      'lxc-start without -F and lxc-wait listen to it; without it they wait for 5 seconds and report a failure',
  },
];

/** Files in a container's root filesystem on which a release mounts programs of its own. */
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
  // Headers and static libraries, wherever the prefix puts them, are taken out by pruneInstalled.
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

/** The templates of lxc-create that stay. The others make containers of distributions, and want their tools and a network. */
export const keptTemplates: readonly string[] = ['lxc-busybox', 'lxc-local'];

/** Shared configurations in share/lxc/config that stay; the others are for containers of distributions. */
export const keptConfigs: readonly string[] = [
  'common.conf',
  'common.conf.d',
  'common.seccomp',
  'userns.conf',
  'userns.conf.d',
  'nesting.conf',
  'oci.common.conf',
];
