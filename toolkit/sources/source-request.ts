import type { WantedComponent } from './source-kind.ts';
import type { SourceSpec } from './source-kinds.ts';

/** A component, and the candidates for its source. */
export interface SourceRequest extends WantedComponent {
  /** Tried in this order. */
  readonly candidates: readonly SourceSpec[];
}
