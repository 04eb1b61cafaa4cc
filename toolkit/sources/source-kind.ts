import type { z } from 'zod';
import type { PrebuiltRecipe } from '../debian/prebuilt.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { SourceContext } from '../download/source-context.ts';

/** One kind of source that a board profile can name. */
export interface SourceKind<Spec extends object = object> {
  /** The key that only entries of this kind have. */
  readonly key: string;
  /** Its form in messages: `{ path }`. */
  readonly form: string;
  readonly schema: z.ZodType<Spec>;
  /** The value of `key` is a path on the host; it may be missing, as the next candidate is tried then. */
  readonly onHost?: true;
  /** Opens an entry. Host paths in it are already absolute. */
  open(spec: Spec): Candidate;
}

/** The component for which a candidate is taken. */
export interface WantedComponent {
  /** `kernel`, `busybox`, `libcap`, `lxc`, … */
  readonly component: string;
  /** Makes `{debian: NAME}` stand for programs compiled for the target, not a source in a package. */
  readonly prebuilt?: PrebuiltRecipe;
}

/** One candidate for a component's source: an entry of a profile or of the catalog. */
export interface Candidate {
  /** Its name in messages, without passwords. */
  readonly description: string;
  /** The version that the entry states. */
  readonly statedVersion?: string | undefined;
  /** The name of its file, from which a version may be read. */
  readonly fileName?: string;
  /** The address from which another machine can fetch it. */
  readonly url?: string;
  /** For a component with a recipe for prebuilt programs it holds those, so nothing is compiled. */
  readonly mayBePrebuilt?: true;
  /** The state of a candidate on this machine. */
  readonly local?: LocalCandidate;
  /** Returns the parts of a step's fingerprint. No passwords: everyone can read a stamp. */
  settings(): Readonly<Record<string, string | undefined>>;
  /** Takes it into the store. Throws Unavailable when the next candidate shall be tried, or SOURCE_HASH_MISMATCH. */
  take(wanted: WantedComponent, context: SourceContext): Promise<ResolvedSource>;
}

/** The facts about a candidate on this machine that are known before it is taken. */
export interface LocalCandidate {
  exists(): boolean;
  /** Changes whenever the file or a file of the tree changes. */
  identity(): string;
  /** Returns the version in a source tree; undefined for a file. */
  treeVersion(component: string): Promise<string | undefined>;
}
