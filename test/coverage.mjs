// The second half of `npm run coverage`: lines and branches that the unit tests run, by room, as in CONTRIBUTING.
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';

/**
 * @typedef {{ total: number, covered: number }} Count
 * @typedef {{ lines: Count, branches: Count }} Coverage
 */

const file = new URL('../node_modules/.cache/coverage/coverage-summary.json', import.meta.url);
/** @type {unknown} */
const parsed = JSON.parse(readFileSync(file, 'utf8'));
const { total, ...files } = /** @type {Record<string, Coverage>} */ (parsed);

/** @type {Map<string, Coverage>} */
const rooms = new Map();
for (const [path, { lines, branches }] of Object.entries(files)) {
  const [room = ''] = relative('toolkit', path).split(sep);
  const sum = rooms.get(room) ?? { lines: { total: 0, covered: 0 }, branches: { total: 0, covered: 0 } };
  for (const [own, more] of /** @type {const} */ ([
    [sum.lines, lines],
    [sum.branches, branches],
  ])) {
    own.total += more.total;
    own.covered += more.covered;
  }
  rooms.set(room, sum);
}

/** @type {(count: Count) => string} */
const share = ({ total: all, covered }) => (all === 0 ? '–' : `${Math.floor((covered / all) * 100)}`);

console.log('| room | lines % | branches % |\n|---|---|---|');
for (const [room, { lines, branches }] of [...rooms].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`| \`${room}\` | ${share(lines)} | ${share(branches)} |`);
if (total !== undefined) console.log(`| all | ${share(total.lines)} | ${share(total.branches)} |`);
