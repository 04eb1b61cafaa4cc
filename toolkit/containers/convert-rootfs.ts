import { describeRange, inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import { keyFor } from './concept-keys.ts';
import type { Setting } from './config-settings.ts';
import type { ConvertContext } from './convert-setting.ts';
import { placeOf } from './read-config.ts';

interface StorageType extends VersionRange {
  /** Its names, the one to be written first. */
  readonly names: readonly string[];
  /** What old releases call it. */
  readonly oldName?: string;
}

/** Storage types that came or went, or were renamed. */
const STORAGE_TYPES: readonly StorageType[] = [
  { names: ['overlay', 'overlayfs'], oldName: 'overlayfs' },
  { names: ['aufs'], since: '1.0.0', until: '2.1.1' },
  { names: ['rbd'], since: '2.0.0' },
];

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
  const known = STORAGE_TYPES.find(({ names }) => names.includes(type));
  if (known !== undefined && !inVersionRange(lxcVersion, known)) {
    findings.error(
      placeOf(setting.line.source, 'value'),
      `LXC ${lxcVersion} has no storage of type ${type}; ${describeRange(known)} have`,
    );
    return undefined;
  }
  const name = modern ? known?.names[0] : known?.oldName;
  return `${name ?? type}:${path}`;
}
