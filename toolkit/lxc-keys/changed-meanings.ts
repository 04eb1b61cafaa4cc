import type { VersionRange } from '../base/compare-versions.ts';

/*
 * Keys that keep their name but have another meaning in some releases, or need another key there. Read in LXC's source.
 */

/** lxc-autostart starts the highest `lxc.start.order` first: cmporder() in lxc_autostart.c, reversed by commit 99a7b6f7b. */
export const HIGHEST_ORDER_FIRST: VersionRange = { since: '1.0.0', until: '1.1.5' };

/**
 * The terminals of `lxc.tty.max` are made in the container's own devpts, which needs `lxc.pty.max`;
 * since 4.0.7 the terminals are enough for one (lxc_setup_devpts_child() in conf.c).
 */
export const TERMINALS_NEED_PTY: VersionRange = { since: '1.0.0', until: '4.0.6' };

/**
 * Up to 2.0 LXC only checks whether `lxc.pts` is 0; since 2.1 it is the maximum number of pseudo terminals
 * (`max=` in lxc_setup_devpts() of conf.c).
 */
export const PTY_COUNTS_SINCE = '2.1.0';

/** A smaller number of pseudo terminals only means "yes": no container can work with so few. */
export const FEW_PTYS = 64;

/** `devices.allow` may name a device by its path; earlier releases pass the path to the kernel, which refuses it. */
export const DEVICE_PATHS_SINCE = '2.1.0';

/** Since 2.1, an empty value resets a key (set_config_*() in confile.c); earlier parsers try to read it. */
export const EMPTY_RESETS_SINCE = '2.1.0';

/**
 * A configuration may have settings of both cgroup versions: LXC ignores those of the version that is not mounted, with
 * a warning. Earlier releases do not start the container (cgfsng_setup_limits() in cgfsng.c: lxc.cgroup.* is ignored
 * since 4.0.2, lxc.cgroup2.* since 4.0.3).
 */
export const IGNORES_THE_OTHER_CGROUP: VersionRange = { since: '4.0.3' };
