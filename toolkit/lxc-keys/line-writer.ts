import { featureNeeded } from './build-features.ts';
import { checkValue } from './check-value.ts';
import { keyFor, noKeyMessage, type Concept } from './concept-keys.ts';
import { findKey } from './key-table.ts';
import type { ProblemList, PropertyPath } from './problem-list.ts';

/** One line of an LXC configuration. */
export interface ConfigLine {
  readonly key: string;
  readonly value: string;
  /** The place in the definition; undefined for a line that lxc-kit adds itself and that a raw line may replace. */
  readonly path: PropertyPath | undefined;
}

/** The LXC release to write for, and the list for settings that it does not support. */
export interface WriterTarget {
  readonly lxcVersion: string;
  /** The features liblxc was built with; unknown when undefined. */
  readonly buildFeatures?: readonly string[];
}

/** Writes a definition's settings with the keys of one LXC release; reports those it cannot write. */
export class LineWriter {
  readonly #container: string;
  readonly #target: WriterTarget;
  readonly #problems: ProblemList;

  constructor(container: string, target: WriterTarget, problems: ProblemList) {
    this.#container = container;
    this.#target = target;
    this.#problems = problems;
  }

  /** Returns this LXC release's key for a concept. */
  keyOf(concept: Concept): string | undefined {
    return keyFor(concept, this.#target.lxcVersion);
  }

  /** Returns a line of the definition; `placeholder` replaces the `[i]` or `<…>` of the concept's key. */
  line(concept: Concept, value: string | number, path: PropertyPath, placeholder = ''): ConfigLine[] {
    const key = keyFor(concept, this.#target.lxcVersion);
    if (key === undefined) {
      this.#problems.error(path, `${this.#container}: ${noKeyMessage(concept, this.#target.lxcVersion)}`);
      return [];
    }
    const line = { key: key.replace(/\[i\]|<\w+>/, placeholder), value: String(value), path };
    this.checkLine(line, path);
    return [line];
  }

  /** Returns a line that lxc-kit adds itself, if the LXC release has a key for it. */
  ownLine(concept: Concept, value: string | number, placeholder = ''): ConfigLine[] {
    const key = keyFor(concept, this.#target.lxcVersion);
    if (key === undefined) return [];
    return [{ key: key.replace(/\[i\]|<\w+>/, placeholder), value: String(value), path: undefined }];
  }

  /** Adds a problem for a value that LXC would refuse or misread. */
  checkLine({ key, value }: ConfigLine, path: PropertyPath): void {
    const { lxcVersion, buildFeatures } = this.#target;
    const row = findKey(key, lxcVersion);
    const wrong = row === undefined ? undefined : (checkText(value) ?? checkValue(row, value, lxcVersion));
    if (wrong !== undefined) this.#problems.error(path, `${this.#container}: ${key} ${wrong}`);
    const library = row === undefined ? undefined : featureNeeded(row, lxcVersion);
    if (library === undefined || buildFeatures === undefined || buildFeatures.includes(library)) return;
    if (key === 'lxc.cap.keep' && value === 'none') return;
    this.#problems.error(
      path,
      `${this.#container}: LXC ${lxcVersion} is built without ${library} here, so it refuses ${key}`,
      `build LXC with ${library}, or remove this key`,
    );
  }
}

/** Says why LXC's parser would change a value, whatever its key (parse_line() in confile.c). */
function checkText(value: string): string | undefined {
  if (/[\r\n\0]/.test(value)) return 'must be a single line';
  if (value.trim() !== value) return 'must not begin or end with whitespace: LXC strips it';
  if (/^(["']).*\1$/.test(value) && value.length > 1) return 'must not be in quotes: LXC strips them';
  return undefined;
}
