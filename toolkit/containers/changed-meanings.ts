import type { VersionRange } from '../base/compare-versions.ts';

/*
 * Keys whose value means something else in some releases, or needs another key beside it, though nothing tells so in
 * their names. Read in LXC's source.
 */

/** lxc-autostart starts the highest `lxc.start.order` first: cmporder() in lxc_autostart.c, turned round by commit 99a7b6f7b. */
export const HIGHEST_ORDER_FIRST: VersionRange = { since: '1.0.0', until: '1.1.5' };

/**
 * The terminals of `lxc.tty.max` are made in the container's own devpts, which there is only with `lxc.pty.max`;
 * from 4.0.7 on the terminals alone bring one (lxc_setup_devpts_child() in conf.c).
 */
export const TERMINALS_NEED_PTY: VersionRange = { since: '1.0.0', until: '4.0.6' };

/**
 * Up to 2.0 LXC only asks whether `lxc.pts` is 0; from 2.1 on the number is the most pseudo terminals there can be
 * (`max=` in lxc_setup_devpts() of conf.c).
 */
export const PTY_COUNTS_SINCE = '2.1.0';

/** A number of pseudo terminals that was meant for yes, as no container gets by with so few. */
export const FEW_PTYS = 64;

/** `devices.allow` may name a device by its path; earlier releases hand the path to the kernel, which refuses it. */
export const DEVICE_PATHS_SINCE = '2.1.0';

/** Empty values reset a key from 2.1 on (set_config_*() in confile.c); earlier parsers try to read them. */
export const EMPTY_RESETS_SINCE = '2.1.0';

/**
 * A configuration may have settings of both cgroup versions: those of the version that is not mounted are ignored with
 * a warning. Earlier releases do not start the container (cgfsng_setup_limits() in cgfsng.c: lxc.cgroup.* is ignored
 * from 4.0.2 on, lxc.cgroup2.* from 4.0.3 on).
 */
export const IGNORES_THE_OTHER_CGROUP: VersionRange = { since: '4.0.3' };
