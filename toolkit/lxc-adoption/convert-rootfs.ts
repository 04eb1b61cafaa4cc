import { describeRange } from '../base/compare-versions.ts';
import { keyFor } from '../lxc-keys/concept-keys.ts';
import type { Setting } from '../lxc-config/read-settings.ts';
import type { ConvertContext } from './convert-context.ts';
import { placeOf } from '../lxc-keys/read-config.ts';
import { storageName } from '../lxc-keys/storage-types.ts';

/**
 * Returns the path of the root filesystem for a release. A directory is written without a storage type: each release
 * detects it, and 1.1 cannot mount a path with the prefix "dir:".
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
