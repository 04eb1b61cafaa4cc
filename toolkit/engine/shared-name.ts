import type { Fingerprint } from './fingerprint.ts';
import type { PortablePaths } from './portable-paths.ts';
import type { Step } from './step.ts';

/** The fingerprint under which a step's result is shared. */
export function sharedFingerprint({ sharedAs }: Step, fingerprint: Fingerprint): Fingerprint {
  if (sharedAs === undefined) return fingerprint;
  const labels = sharedAs.files ?? {};
  const files = Object.entries(fingerprint.files)
    .map(([label, sha256]) => [labels[label] ?? label, sha256] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...fingerprint, id: sharedAs.id, files: Object.fromEntries(files) };
}

/** The directories as they are named in a step's shared result. */
export function sharedPlaces({ sharedAs }: Step, places: PortablePaths): PortablePaths {
  return places.swapped('out', sharedAs?.places ?? {});
}
