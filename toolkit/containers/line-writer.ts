import { featureNeeded } from './build-features.ts';
import { checkValue } from './check-value.ts';
import { keyFor, noKeyMessage, type Concept } from './concept-keys.ts';
import { findKey } from './key-table.ts';
import type { ProblemList, PropertyPath } from './problem-list.ts';

/** One line of an LXC configuration. */
export interface ConfigLine {
  readonly key: string;
  readonly value: string;
  /** What of the definition it comes from; undefined for what lxc-kit adds itself, which a raw line may replace. */
  readonly path: PropertyPath | undefined;
}

/** What an LXC release can be told, and where to say what it cannot. */
export interface WriterTarget {
  readonly lxcVersion: string;
  /** What liblxc was built with; unknown when undefined. */
  readonly buildFeatures?: readonly string[];
}

/** Writes what a definition asks for with the keys of one LXC release; what cannot be written is a problem. */
export class LineWriter {
  readonly #container: string;
  readonly #target: WriterTarget;
  readonly #problems: ProblemList;

  constructor(container: string, target: WriterTarget, problems: ProblemList) {
    this.#container = container;
    this.#target = target;
    this.#problems = problems;
  }

  /** The key by which this LXC release knows a concept. */
  keyOf(concept: Concept): string | undefined {
    return keyFor(concept, this.#target.lxcVersion);
  }

  /** A line the definition asks for; `placeholder` stands for the `[i]` or `<…>` of the concept's key. */
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

  /** A line that lxc-kit adds itself where the LXC release has a key for it. */
  ownLine(concept: Concept, value: string | number, placeholder = ''): ConfigLine[] {
    const key = keyFor(concept, this.#target.lxcVersion);
    if (key === undefined) return [];
    return [{ key: key.replace(/\[i\]|<\w+>/, placeholder), value: String(value), path: undefined }];
  }

  /** Adds a problem for whatever LXC would not take, or would take for something else. */
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
      `${this.#container}: LXC ${lxcVersion} is built without ${library} here and refuses ${key}`,
      `build LXC with ${library}, or leave this out`,
    );
  }
}

/** What LXC's parser does to any value, whatever its key (parse_line() in confile.c). */
function checkText(value: string): string | undefined {
  if (/[\r\n\0]/.test(value)) return 'must be a single line';
  if (value.trim() !== value) return 'must not begin or end with a blank: LXC cuts it off';
  if (/^(["']).*\1$/.test(value) && value.length > 1) return 'must not be in quotes: LXC takes them off';
  return undefined;
}
