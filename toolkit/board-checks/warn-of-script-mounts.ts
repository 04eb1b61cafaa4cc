import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatDiagnostic } from '../base/diagnostic.ts';
import { inVersionRange } from '../base/compare-versions.ts';
import { CGROUP_ROOT } from '../cgroups/cgroup-contract.ts';
import { MIXED_BY_ANY_HIERARCHY } from '../cgroups/lxc-compatibility.ts';
import { BOOT_FILES, v1MountsIn } from '../cgroups/script-mounts.ts';
import { readPart } from '../host/file-part.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';
import type { Build } from '../opened-board/build.ts';

/** A longer file is not a boot script. */
const MAX_SCRIPT_BYTES = 1024 * 1024;

/**
 * Warns about boot scripts that mount cgroup v1 on a board with `cgroup: v2`: newer releases of LXC then set no limit and
 * no device rule. It reads only the text; `boot` compares the mounts.
 */
export function scriptMountWarnings(build: Build, tree: RootfsTree, lxcVersion: string): string[] {
  if (build.loaded.profile.cgroup !== 'v2' || !inVersionRange(lxcVersion, MIXED_BY_ANY_HIERARCHY)) return [];
  return tree.entries().flatMap((entry) => {
    if (entry.type !== 'file' || !BOOT_FILES.test(entry.path) || entry.sizeBytes > MAX_SCRIPT_BYTES)
      return [];
    return v1MountsIn(entry.path, readPart(entry).toString('utf8')).map(({ at, ...place }) =>
      formatDiagnostic({
        location: { file: ownFile(build, entry.path), ...place },
        message: `mounts cgroup v1 at ${at} on a board with "cgroup: v2": LXC ${lxcVersion} then sets no limit and no device rule`,
        help: `remove this mount, mount it outside ${CGROUP_ROOT}, or set "cgroup: v1" in the board profile`,
      }),
    );
  });
}

/** Returns the user's own file for a path of the device, or else that path. */
function ownFile({ loaded: { profile }, displayPath }: Build, path: string): string {
  const listed = profile.rootfs.files.findLast((file) => file.path === path);
  if (listed?.type === 'file' && listed.source !== undefined) return displayPath(listed.source);
  const overlay = profile.rootfs.overlays.findLast((directory) => existsSync(join(directory, path)));
  return overlay === undefined ? path : displayPath(join(overlay, path));
}
