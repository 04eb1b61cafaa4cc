import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';

interface Rule {
  /** Rooms whose functions and classes may be used. */
  readonly uses: readonly string[];
  /** Rooms, or single files, of which only types may be: `import type`. */
  readonly types?: readonly string[];
}

/** Rooms that know one thing each; none knows another, and none knows that steps exist. */
const DOMAIN_ROOMS = [
  'sources',
  'toolchain',
  'kconfig',
  'kconfig-tree',
  'lxc',
  'rootfs',
  'programs',
  'containers',
  'images',
  'emulator',
  'kernel-needs',
] as const;
/** Any table may say with `SymbolNeed` what its rows need of the kernel. */
const DOMAIN_RULE: Rule = {
  uses: ['base', 'host'],
  types: ['board', 'rootfs', 'programs', 'toolchain', 'kernel-needs'],
};

/** Who may import whom. Data goes one way: profile, steps, artefacts, report. */
const RULES: Readonly<Record<string, Rule>> = {
  base: { uses: [] },
  host: { uses: ['base'] },
  engine: { uses: ['base', 'host'] },
  results: { uses: ['base', 'host', 'engine'] },
  board: { uses: ['base', 'host'], types: ['rootfs'] },
  ...Object.fromEntries(DOMAIN_ROOMS.map((room) => [room, DOMAIN_RULE])),
  'guest-checks': { uses: ['base', 'host', 'containers'], types: ['board', 'emulator'] },
  steps: { uses: ['base', 'host', 'engine', ...DOMAIN_ROOMS], types: ['board'] },
  report: { uses: ['base', 'host'], types: ['engine', 'board', 'sources', 'toolchain'] },
  logging: { uses: ['base', 'host'], types: ['engine', 'board', 'rootfs'] },
  cli: { uses: ['*'] },
};

interface Import {
  readonly from: string;
  readonly line: number;
  /** Room and path below it: `rootfs/manifest.ts`. */
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Everything that a source file imports from other files of toolkit/. */
function readImports(file: string, text: string): Import[] {
  // import … from, export … from, import '…', import('…'); a statement may span lines.
  const statements =
    /^(?:(?:import|export)\s+(type\s)?[^;'"]*?from\s+|import\s+)'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'\s*\)/gm;
  return [...text.matchAll(statements)].map((match) => ({
    from: file,
    line: text.slice(0, match.index).split('\n').length,
    target: posix.join(posix.dirname(file), match[2] ?? match[3] ?? ''),
    typeOnly: match[1] !== undefined,
  }));
}

/** What is wrong with an import, as a sentence; undefined when it is allowed. */
function findFault({ from, line, target, typeOnly }: Import): string | undefined {
  const where = `toolkit/${from}:${line}`;
  const [room = '', targetRoom = ''] = [from, target].map((path) => path.split('/')[0]);
  const rule = RULES[room];
  if (rule === undefined) return `${where} is in a room that the table does not have: ${room}`;
  if (target.startsWith('..')) return `${where} imports ${target}, which is outside toolkit/`;
  if (room === targetRoom || rule.uses.includes('*') || rule.uses.includes(targetRoom)) return undefined;
  if (rule.types?.includes(targetRoom) === true) {
    return typeOnly ? undefined : `${where} may import only types of ${targetRoom}: write "import type"`;
  }
  return `${where} imports ${target}, but ${room} may import only ${describeRule(rule)}`;
}

function describeRule({ uses, types = [] }: Rule): string {
  const rooms = uses.length === 0 ? 'itself' : uses.join(', ');
  return types.length === 0 ? rooms : `${rooms}, and types of ${types.join(' and ')}`;
}

const toolkit = shippedPath('toolkit');
const files = readdirSync(toolkit, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

describe('rooms', () => {
  test('import only what the table allows', () => {
    const imports = files.flatMap((file) => readImports(file, readFileSync(join(toolkit, file), 'utf8')));
    // If the pattern above matched nothing, this test would be green for ever.
    expect(imports.length).toBeGreaterThan(files.length / 2);
    expect(imports.flatMap((one) => findFault(one) ?? [])).toEqual([]);
  });

  test('there are no drawers for everything', () => {
    const names = /(?:^|\/)(?:utils?|helpers?|types|misc|common|index)(?:\.ts|\/)/;
    // The one list of all steps.
    expect(files.filter((file) => names.test(file) && file !== 'steps/index.ts')).toEqual([]);
  });
});

describe('the check itself', () => {
  const faultsOf = (file: string, text: string): string[] =>
    readImports(file, text).flatMap((one) => findFault(one) ?? []);

  test.each([
    [
      'images/a.ts',
      "import { KitError } from '../base/errors.ts';\nimport type { A } from '../rootfs/manifest.ts';",
    ],
    [
      'images/a.ts',
      "import { b } from './b.ts';\nimport { readFile } from 'node:fs';\nimport { z } from 'zod';",
    ],
    ['steps/a.ts', "import { b } from '../images/b.ts';\nimport type { C } from '../board/schema.ts';"],
    ['cli/a.ts', "import { b } from '../board/b.ts';\nconst c = await import('../steps/c.ts');"],
  ])('%s: %j is fine', (file, text) => {
    expect(faultsOf(file, text)).toEqual([]);
  });

  test.each([
    ['images/a.ts', "import { b } from '../rootfs/b.ts';", 'only types of rootfs'],
    ['images/a.ts', "import type { B } from '../sources/b.ts';", 'images may import only base, host'],
    ['images/a.ts', "import {\n  b,\n  c,\n} from '../engine/b.ts';", 'images/a.ts:1 imports engine/b.ts'],
    ['images/a.ts', "export { b } from '../steps/b.ts';", 'imports steps/b.ts'],
    ['images/a.ts', "\nconst b = await import('../cli/b.ts');", 'images/a.ts:2 imports cli/b.ts'],
    ['images/a.ts', "import '../cli/b.ts';", 'imports cli/b.ts'],
    ['base/a.ts', "import type { B } from '../host/b.ts';", 'base may import only itself'],
    ['base/a.ts', "import b from '../../test/b.ts';", 'outside toolkit/'],
    ['attic/a.ts', "import { b } from '../base/b.ts';", 'a room that the table does not have'],
  ])('%s: %j is not', (file, text, fault) => {
    expect(faultsOf(file, text).join('\n')).toContain(fault);
  });
});
