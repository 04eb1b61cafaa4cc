import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import { keyFor } from './concept-keys.ts';

interface StorageType extends VersionRange {
  /** Its names; the first one is written. */
  readonly names: readonly string[];
  /** Its name in releases with the old key for the root filesystem. */
  readonly oldName?: string;
}

/** Storage types that were added, removed or renamed. */
const STORAGE_TYPES: readonly StorageType[] = [
  { names: ['overlay', 'overlayfs'], oldName: 'overlayfs' },
  { names: ['aufs'], since: '1.0.0', until: '2.1.1' },
  { names: ['rbd'], since: '2.0.0' },
];

/** Returns a release's name for a storage type, or the range of releases that have it if this one does not. */
export function storageName(type: string, lxcVersion: string): string | VersionRange {
  const known = STORAGE_TYPES.find(({ names }) => names.includes(type));
  if (known === undefined) return type;
  if (!inVersionRange(lxcVersion, known)) return known;
  const modern = keyFor('rootfs-path', lxcVersion) === 'lxc.rootfs.path';
  return (modern ? known.names[0] : known.oldName) ?? type;
}
