import type { ConfigHeader } from './config-header.ts';
import type { Setting } from './config-settings.ts';
import type { DraftDefinition } from './draft-definition.ts';
import type { Findings } from './findings.ts';
import { directoryOf } from './mount-target.ts';
import { placeOf } from './read-config.ts';
import { readOverlay } from './rootfs-storage.ts';

/** Takes over the root filesystem: a directory, or one with an overlay. What fills it no configuration says. */
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
      `the configuration has no root filesystem, so LXC would take the device's own; a definition always has one, here /opt/lxc/${name}`,
    );
  } else if (path === undefined || ofOtherType) {
    findings.note(
      'left-out',
      placeOf((ofOtherType ? backend : setting).line.source),
      `the root filesystem of a definition is a directory; this one is ${ofOtherType ? backend.value : setting.value}`,
      'put its files into a directory or a tar file and name that in rootfs.from',
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
  if (header?.image !== undefined) draft.set(['rootfs', 'image'], header.image);
  if (header?.rootfs === 'busybox') draft.set(['rootfs', 'from'], 'busybox');
  if (header !== undefined && header.rootfs !== 'files') return;
  findings.note(
    'assumed',
    setting === undefined ? undefined : placeOf(setting.line.source),
    'a configuration does not say what fills the root filesystem: the definition has empty directories and what is bound',
    'add to rootfs: "from: busybox", "from: { directory: DIR }" or "from: { tar: FILE }"',
  );
}
