import { posix } from 'node:path';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { OVERLAY_HOOK, overlayHook } from '../lxc-config/rootfs-storage.ts';
import type { ContainerEntry } from './container-entries.ts';

/** The program of `OVERLAY_HOOK`. LXC appends words of its own, which it does not read. */
const PROGRAM = `#!/bin/sh
# Lays an overlay over the root filesystem of an unprivileged container before LXC starts it:
# mount-overlay ROOTFS UPPER OWNER. It stays mounted when the container stops.
rootfs=$1
upper=$2
owner=$3
work=$(dirname "$upper")/work
grep -qF " $rootfs overlay " /proc/mounts && exit 0

lay() {
	mkdir -p "$upper" "$work" || return
	# The directory becomes the root of the container.
	chown "$owner" "$upper" && chmod 755 "$upper" || return
	mount -t overlay -o "lowerdir=$rootfs,upperdir=$upper,workdir=$work" "$rootfs" "$rootfs"
}

error=$(lay 2>&1) && exit 0
echo "$error" >&2
# LXC logs only that a hook failed. This is the form of its own lines.
log=/var/log/lxc/$LXC_NAME.log
[ ! -e "$log" ] || echo "lxc-start $LXC_NAME $(date +%Y%m%d%H%M%S).000 ERROR    overlay - mount-overlay - $error" >> "$log"
exit 1
`;

/** Returns the entries of the program that mounts the overlay of an unprivileged container; none for others. */
export function overlayProgram(container: ContainerDefinition): ContainerEntry[] {
  if (overlayHook(container) === undefined) return [];
  const owner = { uid: 0, gid: 0 };
  return [
    { type: 'dir', path: posix.dirname(OVERLAY_HOOK), mode: 0o755, ...owner },
    { type: 'file', path: OVERLAY_HOOK, mode: 0o755, ...owner, content: PROGRAM },
  ];
}
