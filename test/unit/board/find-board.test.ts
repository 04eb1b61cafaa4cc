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
  writeFileSync(join(cwd, 'boards/mine.yaml'), 'description: My own board\n');
  writeFileSync(join(cwd, 'boards/both.yaml'), 'description: Mine\n');
  writeFileSync(join(cwd, 'boards/common/part.yaml'), '');
  writeFileSync(join(cwd, 'boards/broken.yaml'), 'description: [\n');
  writeFileSync(join(cwd, 'shipped/both.yaml'), 'description: Shipped\n');
  writeFileSync(join(cwd, 'shipped/stb-mipsel.yaml'), 'description: Set-top box\n');
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

test('what ends in .yaml is a file, anywhere', async () => {
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
    message: 'there is no file boards/mien.yaml',
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
  ['Board, of 2 cores (new)', '# a comment\n\ndescription: Board, of 2 cores (new)\n\n# end'],
  ['words, after CR', 'name: x\r\ndescription: words, after CR\r\n'],
  ['in quotes', 'description: "in quotes"\n'],
  ['over two lines', 'description: over\n  two lines\n'],
  ['with words', 'description: with words # not these\n  after it\n'],
  ['folded text', 'description: >-\n  folded\n  text\n'],
  ['as JSON', '{ "name": "x", "description": "as JSON" }\n'],
  ['of the first document', 'description: of the first document\n---\ndescription: of another one\n'],
  ['', 'name: &a of an anchor\ndescription: *a\n'],
  ['', 'description: 12\n'],
  ['', 'name: x\nrootfs:\n  description: not this one\n'],
  ['', 'name: |\n  description: not this one\n'],
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
