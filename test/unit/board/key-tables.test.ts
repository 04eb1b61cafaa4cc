import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { containerSchema } from '../../../toolkit/board/container-schema.ts';
import { boardSchema } from '../../../toolkit/board/schema.ts';
import { keyTables } from '../../rigs/key-tables.ts';

const BEGIN = '<!-- Made from the schema by npm run key-tables. -->';
const END = '<!-- End of what npm run key-tables makes. -->';

test.each([
  { page: 'board-profile.md', tables: () => keyTables(boardSchema, { top: 'Top level' }) },
  { page: 'containers.md', tables: () => keyTables(containerSchema, { top: 'Top level' }) },
])('the key tables of docs/$page are what the schema says (npm run key-tables writes them)', async (one) => {
  const file = shippedPath('docs', one.page);
  const [before, after] = splitAtMarkers(readFileSync(file, 'utf8'));
  await expect(`${before}${BEGIN}\n\n${one.tables()}\n\n${END}${after}`).toMatchFileSnapshot(file);
});

function splitAtMarkers(text: string): readonly [string, string] {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  expect(begin, BEGIN).toBeGreaterThan(-1);
  expect(end, END).toBeGreaterThan(begin);
  return [text.slice(0, begin), text.slice(end + END.length)];
}
