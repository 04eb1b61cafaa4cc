import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import { keyFor } from './concept-keys.ts';

interface StorageType extends VersionRange {
  /** Its names, the one to be written first. */
  readonly names: readonly string[];
  /** What releases call it that have the old key for the root filesystem. */
  readonly oldName?: string;
}

/** Storage types that came or went, or were renamed. */
const STORAGE_TYPES: readonly StorageType[] = [
  { names: ['overlay', 'overlayfs'], oldName: 'overlayfs' },
  { names: ['aufs'], since: '1.0.0', until: '2.1.1' },
  { names: ['rbd'], since: '2.0.0' },
];

/** What a release calls a storage type; the range of those that have it where it has none. */
export function storageName(type: string, lxcVersion: string): string | VersionRange {
  const known = STORAGE_TYPES.find(({ names }) => names.includes(type));
  if (known === undefined) return type;
  if (!inVersionRange(lxcVersion, known)) return known;
  const modern = keyFor('rootfs-path', lxcVersion) === 'lxc.rootfs.path';
  return (modern ? known.names[0] : known.oldName) ?? type;
}
