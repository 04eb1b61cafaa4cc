import type { PrebuiltRecipe } from '../debian/prebuilt.ts';
import type { SourceSpec } from './source-spec.ts';

/** A component, and the candidates for its source. */
export interface SourceRequest {
  /** `kernel`, `busybox`, `libcap`, `lxc`, … */
  readonly component: string;
  /** Tried in this order. */
  readonly candidates: readonly SourceSpec[];
  /** Makes `{debian: NAME}` stand for programs compiled for the target, not a source in a package. */
  readonly prebuilt?: PrebuiltRecipe;
}
