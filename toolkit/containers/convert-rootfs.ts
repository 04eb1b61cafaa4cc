import { describeRange } from '../base/compare-versions.ts';
import { keyFor } from './concept-keys.ts';
import type { Setting } from './config-settings.ts';
import type { ConvertContext } from './convert-setting.ts';
import { placeOf } from './read-config.ts';
import { storageName } from './storage-types.ts';

/**
 * The path of the root filesystem as a release takes it. A directory is written bare: each release finds out that it is
 * one, and 1.1 cannot mount what has a "dir:" before it.
 */
export function convertRootfs(setting: Setting, context: ConvertContext): string | undefined {
  const { lxcVersion, settings, findings } = context;
  const backend = settings.find(({ row }) => row.key === 'lxc.rootfs.backend')?.value;
  const modern = keyFor('rootfs-path', lxcVersion) === 'lxc.rootfs.path';
  const [, type = modern ? (backend ?? 'dir') : 'dir', path = setting.value] =
    /^([a-z]+):(.*)$/.exec(setting.value) ?? [];
  if (type === 'dir') return path;
  const name = storageName(type, lxcVersion);
  if (typeof name === 'string') return `${name}:${path}`;
  findings.error(
    placeOf(setting.line.source, 'value'),
    `LXC ${lxcVersion} has no storage of type ${type}; ${describeRange(name)} have`,
  );
  return undefined;
}
