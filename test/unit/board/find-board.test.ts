import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KitError } from '../../../toolkit/base/errors.ts';
import { isScalar, parseDocument } from 'yaml';
import { type BoardFolders, findBoard, listBoards } from '../../../toolkit/board/find-board.ts';

let cwd: string;
let folders: BoardFolders;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'lxc-kit-find-'));
  folders = { cwd, shippedBoardsDir: join(cwd, 'shipped') };
  mkdirSync(join(cwd, 'boards/common'), { recursive: true });
  mkdirSync(join(cwd, 'shipped'));
  writeFileSync(join(cwd, 'boards/mine.yaml'), 'description: My own board\nschema: 1\n');
  writeFileSync(join(cwd, 'boards/both.yaml'), 'description: Mine\nschema: 1\n');
  writeFileSync(join(cwd, 'boards/common/part.yaml'), '');
  writeFileSync(join(cwd, 'boards/broken.yaml'), 'description: [\n');
  writeFileSync(join(cwd, 'shipped/both.yaml'), 'description: Shipped\nschema: 1\n');
  writeFileSync(join(cwd, 'shipped/stb-mipsel.yaml'), 'description: Set-top box\nschema: 1\n');
  writeFileSync(join(cwd, 'shipped/board.schema.json'), '{}');
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

async function failure(name: string): Promise<KitError> {
  const error: unknown = await findBoard(name, folders).catch((thrown: unknown) => thrown);
  if (error instanceof KitError) return error;
  throw new Error(`${name} was found`);
}

test('a name is a file in boards/ of the current folder, else one that is shipped', async () => {
  expect(await findBoard('mine', folders)).toBe(join(cwd, 'boards/mine.yaml'));
  expect(await findBoard('both', folders)).toBe(join(cwd, 'boards/both.yaml'));
  expect(await findBoard('stb-mipsel', folders)).toBe(join(cwd, 'shipped/stb-mipsel.yaml'));
});

test('takes a name that ends in .yaml as a file, anywhere', async () => {
  writeFileSync(join(cwd, 'here.yaml'), '');
  expect(await findBoard('here.yaml', folders)).toBe(join(cwd, 'here.yaml'));
  expect(await findBoard('./boards/common/part.yaml', folders)).toBe(join(cwd, 'boards/common/part.yaml'));
  expect(await findBoard(join(cwd, 'here.yaml'), { ...folders, cwd: '/' })).toBe(join(cwd, 'here.yaml'));
});

test('an unknown name', async () => {
  const error = await failure('stb-mipsle');
  expect(error).toMatchObject({
    code: 'BOARD_UNKNOWN',
    message: 'there is no board "stb-mipsle"',
    hint: 'did you mean "stb-mipsel"?',
    lines: ['boards: both, broken, mine, stb-mipsel'],
  });
  expect((await failure('riscv-board')).hint).toContain('npx lxc-kit boards');
});

test('a name with a slash is not looked for outside boards/', async () => {
  writeFileSync(join(cwd, 'outside.yaml'), '');
  expect((await failure('../outside')).code).toBe('BOARD_UNKNOWN');
  expect((await failure('common/part')).code).toBe('BOARD_UNKNOWN');
});

test('an unknown file', async () => {
  const error = await failure('boards/mien.yaml');
  expect(error).toMatchObject({
    code: 'BOARD_UNKNOWN',
    message: 'the file boards/mien.yaml does not exist',
    hint: 'did you mean "boards/mine.yaml"?',
  });
});

test('the list of boards', async () => {
  expect(await listBoards(folders)).toEqual([
    { name: 'both', description: 'Mine', file: join(cwd, 'boards/both.yaml') },
    { name: 'broken', description: '', file: join(cwd, 'boards/broken.yaml') },
    { name: 'mine', description: 'My own board', file: join(cwd, 'boards/mine.yaml') },
    { name: 'stb-mipsel', description: 'Set-top box', file: join(cwd, 'shipped/stb-mipsel.yaml') },
  ]);
  expect(await listBoards({ cwd: '/nonexistent', shippedBoardsDir: '/nonexistent' })).toEqual([]);
});

test.each([
  ['Two words', 'name: x\ndescription: Two words\nkernel:\n  sources: []\n'],
  ['Board, of 2 cores (new)', '# a comment\n\nschema: 1\ndescription: Board, of 2 cores (new)\n\n# end'],
  ['words, after CR', 'extends: [x.yaml]\r\ndescription: words, after CR\r\n'],
  ['in quotes', 'schema: 1\ndescription: "in quotes"\n'],
  ['over two lines', 'schema: 1\ndescription: over\n  two lines\n'],
  ['with words', 'schema: 1\ndescription: with words # not these\n  after it\n'],
  ['folded text', 'schema: 1\ndescription: >-\n  folded\n  text\n'],
  ['as JSON', '{ "schema": 1, "description": "as JSON" }\n'],
  [
    'of the first document',
    'schema: 1\ndescription: of the first document\n---\ndescription: of another one\n',
  ],
  ['', 'schema: 1\nname: &a of an anchor\ndescription: *a\n'],
  ['', 'schema: 1\ndescription: 12\n'],
  ['', 'schema: 1\nrootfs:\n  description: not this one\n'],
  ['', 'schema: 1\nname: |\n  description: not this one\n'],
  ['', '- description: not this one\n'],
  ['', '  a: b\ndescription: not this one\n'],
  ['', ''],
])('the description %j is read from %j', async (description, text) => {
  writeFileSync(join(cwd, 'boards/mine.yaml'), text);
  const found = (await listBoards(folders)).find(({ name }) => name === 'mine');
  expect(found?.description).toBe(description);
  // Which is what YAML says too.
  const whole: unknown = parseDocument(text).get('description', true);
  const value: unknown = isScalar(whole) ? whole.value : undefined;
  if (typeof value === 'string') expect(description).toBe(value);
});

test.each([
  ['a container definition', 'name: web\nkind: system\nrootfs: { from: busybox }\nautostart: true\n'],
  ['a container with a description of a board in it', 'name: web\ncommand: [/bin/sh]\n# schema: 1\n'],
  ['a container as JSON', '{ "name": "web", "command": ["/bin/sh"] }\n'],
  ["another program's file", 'services:\n  web: { image: nginx, kernel: none }\n'],
])('%s in boards/ is no board', async (_what, text) => {
  writeFileSync(join(cwd, 'boards/web.yaml'), text);
  expect((await listBoards(folders)).map(({ name }) => name)).not.toContain('web');
  // Whoever names it gets its mistakes.
  expect(await findBoard('web', folders)).toBe(join(cwd, 'boards/web.yaml'));
});

test.each([
  ['a profile that has forgotten its schema', 'name: web\nkernel: { defconfig: allnoconfig }\n'],
  ['a profile that has everything from another', 'extends: [common/part.yaml]\nname: web\n'],
  ['a profile with a tab in it', 'schema: 1\nkernel:\n\tdefconfig: x\n'],
  ['an empty file', ''],
])('%s is a board, with its mistakes', async (_what, text) => {
  writeFileSync(join(cwd, 'boards/web.yaml'), text);
  expect((await listBoards(folders)).map(({ name }) => name)).toContain('web');
});
