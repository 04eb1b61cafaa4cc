import type { Fingerprint } from './fingerprint.ts';
import type { Places } from './places.ts';
import type { Step } from './step.ts';

/** The step under whose name a result is kept, where steps of several names make the same from the same inputs. */
export interface SharedName {
  readonly id: string;
  /** Labels of input files: its own, and the one that the other step has for it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where outputs lie, relative to the out directory: its own place, and the other step's. */
  readonly places?: Readonly<Record<string, string>>;
}

/** The fingerprint under which a step's result is kept for others. */
export function sharedFingerprint({ sharedAs }: Step, fingerprint: Fingerprint): Fingerprint {
  if (sharedAs === undefined) return fingerprint;
  const labels = sharedAs.files ?? {};
  const files = Object.entries(fingerprint.files)
    .map(([label, sha256]) => [labels[label] ?? label, sha256] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...fingerprint, id: sharedAs.id, files: Object.fromEntries(files) };
}

/** The directories as they are named in a step's kept result. */
export function sharedPlaces({ sharedAs }: Step, places: Places): Places {
  return places.swapped('out', sharedAs?.places ?? {});
}
