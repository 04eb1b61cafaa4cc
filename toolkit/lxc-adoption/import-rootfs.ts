import type { ConfigHeader } from '../lxc-config/config-header.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import type { DraftDefinition } from './draft-definition.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { directoryOf } from '../lxc-keys/mount-target.ts';
import { placeOf } from '../lxc-keys/read-config.ts';
import { readOverlay } from '../lxc-config/rootfs-storage.ts';

/** Imports the root filesystem: a directory, or one with an overlay. A configuration does not say what fills it. */
export function importRootfs(
  header: ConfigHeader | undefined,
  name: string,
  setting: Setting | undefined,
  backend: Setting | undefined,
  draft: DraftDefinition,
  findings: Findings,
): void {
  const overlay = setting === undefined ? undefined : readOverlay(setting.value, name);
  const path = overlay?.path ?? (setting === undefined ? undefined : directoryOf(setting.value));
  const ofOtherType = backend !== undefined && backend.value !== 'dir';
  if (setting === undefined) {
    findings.note(
      'assumed',
      undefined,
      `the configuration has no root filesystem, so LXC would use the device's own; a definition always has one, here /opt/lxc/${name}`,
    );
  } else if (path === undefined || ofOtherType) {
    findings.note(
      'left-out',
      placeOf((ofOtherType ? backend : setting).line.source),
      `the root filesystem of a definition must be a directory, but this one is ${ofOtherType ? backend.value : setting.value}`,
      'copy its files to a directory or a tar file and name that in rootfs.from',
    );
  } else if (path !== `/opt/lxc/${name}`) {
    draft.set(['rootfs', 'path'], path, [setting]);
  }
  if (overlay !== undefined) {
    draft.set(
      ['rootfs', 'overlay'],
      {},
      [setting].flatMap((one) => one ?? []),
    );
    if (overlay.upper !== undefined && setting !== undefined)
      draft.set(['rootfs', 'overlay', 'upper'], overlay.upper, [setting]);
  }
  if (header?.size !== undefined) draft.set(['rootfs', 'size'], header.size);
  if (header?.inMemory === true) draft.set(['rootfs', 'overlay'], {});
  if (header?.image !== undefined) draft.set(['rootfs', 'image'], header.image);
  if (header?.rootfs === 'busybox') draft.set(['rootfs', 'from'], 'busybox');
  if (header !== undefined && header.rootfs !== 'files') return;
  findings.note(
    'assumed',
    setting === undefined ? undefined : placeOf(setting.line.source),
    'a configuration does not say what fills the root filesystem: the definition has only empty directories and bind mounts',
    'add to rootfs: "from: busybox", "from: { directory: DIR }" or "from: { tar: FILE }"',
  );
}
