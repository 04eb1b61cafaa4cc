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

const BASE = ['base', 'host'] as const;

/** Rooms that know one thing each; none knows another, and none knows that steps exist. */
const DOMAIN_ROOMS = [
  'accounts',
  'toolchain',
  'kconfig',
  'kconfig-tree',
  'lxc',
  'rootfs',
  'programs',
  'images',
  'emulator',
  'kernel-needs',
  'download',
  'lxc-keys',
] as const;

/** Any table may say with `SymbolNeed` what its rows need of the kernel. */
const DOMAIN_TYPES = ['board', 'rootfs', 'programs', 'toolchain', 'kernel-needs'] as const;
/** The rows of tables say which values they take from a file. */
const DOMAIN_RULE: Rule = { uses: [...BASE, 'yaml'], types: DOMAIN_TYPES };

/** Subjects of several rooms: each room uses those above it in its list. */
const SUBJECTS = [
  ['kconfig-tree', 'kconfig-advice'],
  ['download', 'unpack', 'debian', 'sources'],
  ['lxc-keys', 'cgroups', 'lxc-config', 'seccomp', 'confinement', 'containers', 'lxc-adoption'],
] as const;

const SUBJECT_RULES: Readonly<Record<string, Rule>> = Object.fromEntries(
  SUBJECTS.flatMap((rooms) =>
    rooms.map((room, index) => [
      room,
      { uses: [...BASE, 'yaml', ...rooms.slice(0, index)], types: DOMAIN_TYPES } satisfies Rule,
    ]),
  ),
);

const ALL_DOMAINS = [...new Set([...DOMAIN_ROOMS, ...SUBJECTS.flat()])];

/** Who may import whom. Data goes one way: profile, steps, artefacts, report. */
const RULES: Readonly<Record<string, Rule>> = {
  base: { uses: [] },
  host: { uses: ['base'] },
  engine: { uses: BASE },
  results: { uses: [...BASE, 'engine'] },
  yaml: { uses: BASE },
  // The tables say which architectures, machines, image formats, sources and root filesystems there are.
  board: {
    uses: [
      ...BASE,
      'yaml',
      'accounts',
      'toolchain',
      'emulator',
      'images',
      'sources',
      'rootfs',
      'cgroups',
      'lxc-keys',
    ],
  },
  ...Object.fromEntries(DOMAIN_ROOMS.map((room) => [room, DOMAIN_RULE])),
  ...SUBJECT_RULES,
  'guest-checks': { uses: [...BASE, 'lxc-keys', 'cgroups', 'lxc-config'], types: ['board', 'emulator'] },
  'opened-board': { uses: [...BASE, ...ALL_DOMAINS], types: ['board', 'engine'] },
  configuration: { uses: [...BASE, 'opened-board', ...ALL_DOMAINS], types: ['engine'] },
  'board-checks': { uses: [...BASE, 'opened-board', ...ALL_DOMAINS], types: ['board'] },
  steps: {
    uses: [...BASE, 'engine', 'opened-board', 'configuration', 'board-checks', ...ALL_DOMAINS],
    types: ['board'],
  },
  report: { uses: BASE, types: ['engine', 'board', 'download', 'toolchain', 'confinement', 'programs'] },
  boot: { uses: [...BASE, 'opened-board', 'report', ...ALL_DOMAINS] },
  logging: { uses: BASE, types: ['engine', 'board', 'rootfs', 'confinement'] },
  session: {
    uses: [
      ...BASE,
      'engine',
      'results',
      'board',
      'opened-board',
      'report',
      'steps',
      'download',
      'kconfig',
      'kernel-needs',
      'sources',
      'toolchain',
    ],
  },
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

/** The fault of an import, as a sentence; undefined when it is allowed. */
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

/** The files of one circle, or undefined where there is none. */
function findCircle(importsOf: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of importsOf.get(file) ?? []) {
      const circle = walk(target, [...trail, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of importsOf.keys()) {
    const circle = walk(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

const toolkit = shippedPath('toolkit');
const files = readdirSync(toolkit, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

describe('rooms', () => {
  test('import only what the table allows', () => {
    const imports = files.flatMap((file) => readImports(file, readFileSync(join(toolkit, file), 'utf8')));
    // If the pattern above matched nothing, this test could never fail.
    expect(imports.length).toBeGreaterThan(files.length / 2);
    expect(imports.flatMap((one) => findFault(one) ?? [])).toEqual([]);
  });

  test('no files import one another in a circle, types included', () => {
    const importsOf = new Map(
      files.map((file) => [
        file,
        readImports(file, readFileSync(join(toolkit, file), 'utf8')).map(({ target }) => target),
      ]),
    );
    expect(findCircle(importsOf)).toBeUndefined();
  });

  test('a room has at most 30 files', () => {
    const sizes = new Map<string, number>();
    for (const file of files) {
      const room = posix.dirname(file);
      sizes.set(room, (sizes.get(room) ?? 0) + 1);
    }
    expect([...sizes].filter(([, count]) => count > 30)).toEqual([]);
  });

  test('there are no drawers for everything', () => {
    const names = /(?:^|\/)(?:utils?|helpers?|types|misc|common|index)(?:\.ts|\/)/;
    // The one list of all steps.
    expect(files.filter((file) => names.test(file) && file !== 'steps/index.ts')).toEqual([]);
  });
});

test('a circle is found', () => {
  const importsOf = new Map([
    ['a', ['b', 'c']],
    ['b', ['d']],
    ['c', ['b', 'a']],
    ['d', []],
  ]);
  expect(findCircle(importsOf)).toEqual(['a', 'c', 'a']);
  expect(findCircle(new Map([['a', ['b']]]))).toBeUndefined();
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
