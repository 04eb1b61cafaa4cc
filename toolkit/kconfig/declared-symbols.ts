import { joinWords } from '../base/join-words.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { similarSymbols } from './similar-symbol.ts';

/** The symbols that the Kconfig files of a tree declare. Names have their prefix. */
export interface DeclaredSymbols {
  /** Whether a file that can apply to the architecture declares it. */
  readonly has: (symbol: string) => boolean;
  /** Explains a missing symbol in a clause: which other architectures have it, or which one may have been meant. */
  readonly describeAbsent: (symbol: string) => string | undefined;
}

/** Large folders of a kernel tree without Kconfig files. */
const SKIPPED_FOLDERS = new Set(['.git', 'Documentation', 'LICENSES', 'dts', 'include', 'tools']);

/** The test cases of conf declare symbols too. */
const CONF_TESTS = 'scripts/kconfig/tests';

const KCONFIG_FILE = /^(?:Kconfig|Config\.in)/;
const DECLARATION = /^[ \t]*(?:menu)?config[ \t]+(\w+)[ \t\r]*$/gm;
const PREFIX = 'CONFIG_';

/**
 * Finds declarations in all Kconfig files below some folders, whether or not another file includes them. So it also finds
 * symbols that only other architectures have. `architecture` is a folder of `arch/`; without it all files count. Files
 * are read on the first call.
 */
export function findDeclaredSymbols(dirs: readonly string[], architecture?: string): DeclaredSymbols {
  let found: ReadonlyMap<string, readonly string[]> | undefined;
  let similar: ((name: string) => string | undefined) | undefined;
  const filesOf = (symbol: string): readonly string[] => {
    found ??= searchDeclarations(dirs);
    return found.get(symbol.slice(PREFIX.length)) ?? [];
  };
  const counts = (file: string): boolean => {
    const other = architectureOf(file);
    return architecture === undefined || other === undefined || other === architecture;
  };
  const has = (symbol: string): boolean => filesOf(symbol).some(counts);
  return {
    has,
    describeAbsent(symbol) {
      const others = [...new Set(filesOf(symbol).flatMap((file) => architectureOf(file) ?? []))].sort();
      if (others.length > 0) return `only ${listed(others)} ${others.length === 1 ? 'has' : 'have'} it`;
      similar ??= similarSymbols([...(found?.keys() ?? [])].filter((name) => has(PREFIX + name)));
      const near = similar(symbol.slice(PREFIX.length));
      return near === undefined ? undefined : `did you mean ${PREFIX}${near}?`;
    },
  };
}

/** Returns the files that declare each symbol, relative to their folder. */
function searchDeclarations(dirs: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const dir of dirs) {
    for (const file of kconfigFiles(dir)) {
      // Names are ASCII, and this is the fastest way to read.
      const text = readFileSync(join(dir, file), 'latin1');
      for (const [, symbol = ''] of text.matchAll(DECLARATION)) {
        const files = found.get(symbol);
        if (files === undefined) found.set(symbol, [file]);
        else files.push(file);
      }
    }
  }
  return found;
}

function* kconfigFiles(dir: string, prefix = ''): Generator<string> {
  for (const entry of readdirSync(join(dir, prefix), { withFileTypes: true })) {
    const name = `${prefix}${entry.name}`;
    if (!entry.isDirectory()) {
      if (entry.isFile() && KCONFIG_FILE.test(entry.name)) yield name;
    } else if (!SKIPPED_FOLDERS.has(entry.name) && name !== CONF_TESTS) {
      yield* kconfigFiles(dir, `${name}/`);
    }
  }
}

function architectureOf(file: string): string | undefined {
  return /^arch\/([^/]+)\//.exec(file)?.[1];
}

const MAX_LISTED = 4;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED);
  const more = names.length - shown.length;
  return joinWords(more > 0 ? [...shown, `${more} more architectures`] : shown, 'and');
}
