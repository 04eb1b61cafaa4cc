import { expect, test } from 'vitest';
import type { Attempt } from './attempt.ts';
import type { CellResult } from './cells.ts';
import { escapesJunit, escapesPage, fieldOf } from './escapes-page.ts';
import type { Verdict } from './judge.ts';
import { faultsOf, reasonFor, withoutControl, type OpenEscape } from './open.ts';

const cell = { container: 'app0', lxc: '5.0.2', kernel: '6.1', cgroup: 'v2', root: 'disk' } as const;

const result = (verdicts: Readonly<Record<string, Verdict>>, notApplicable = {}): CellResult => ({
  cell,
  outcomes: Object.fromEntries(
    Object.entries(verdicts).map(([id, verdict]) => [id, { verdict, notes: ['device'] }]),
  ),
  notApplicable,
});

const open: OpenEscape = { attempt: 'a', containers: ['app0'], reason: 'nobody has mended it' };

test('whatever is not inside is a fault, unless it is known; also what was not made at all', () => {
  expect(faultsOf(result({ a: 'inside', b: 'inside' }), ['a', 'b'], [])).toEqual([]);
  expect(faultsOf(result({ a: 'escaped', b: 'host lost', c: 'not made' }), ['a', 'b', 'c', 'd'], [])).toEqual(
    ['a: escaped', 'b: host lost', 'c: not made', 'd: not made'],
  );
  expect(faultsOf(result({ a: 'escaped' }), ['a'], [open])).toEqual([]);
  expect(faultsOf(result({}, { a: 'only on cgroup v1' }), ['a'], [])).toEqual([]);
});

test('a known escape that holds now is a fault, and one that was not made', () => {
  expect(faultsOf(result({ a: 'inside' }), ['a'], [open])).toEqual([
    'a: holds now; take it out of the open ones (nobody has mended it)',
  ]);
  expect(faultsOf(result({ a: 'not made' }), ['a'], [open])).toEqual(['a: not made']);
});

test('a known escape is one in its containers, with its root, layout and LXC', () => {
  expect(reasonFor(cell, 'a', [open])).toBe('nobody has mended it');
  expect(reasonFor({ ...cell, container: 'sys0' }, 'a', [open])).toBeUndefined();
  expect(reasonFor(cell, 'b', [open])).toBeUndefined();
  expect(reasonFor(cell, 'a', [{ ...open, root: 'initramfs' }])).toBeUndefined();
  expect(reasonFor(cell, 'a', [{ ...open, cgroup: 'v1' }])).toBeUndefined();
  expect(reasonFor(cell, 'a', [{ ...open, lxc: '1.1.5' }])).toBeUndefined();
});

test('an attempt without a control is named', () => {
  const control = result({ a: 'escaped', b: 'host lost', c: 'inside' }, { e: 'only on cgroup v1' });
  expect(withoutControl(control, ['a', 'b', 'c', 'd', 'e'])).toEqual(['c', 'd']);
});

test('the page and the report have each attempt', () => {
  const attempt = (id: string): Attempt => ({ id, class: 'mounts', tries: `tries <${id}>`, witness: '' });
  const all = ['a', 'b', 'c', 'd'].map(attempt);
  const found = result({ a: 'inside', b: 'escaped', c: 'host lost' }, { d: 'not on this kernel: CONFIG_D' });
  expect(['a', 'b', 'c', 'd', 'e'].map((id) => fieldOf(found, id))).toEqual([
    'inside',
    'escaped',
    'host lost',
    '–',
    'not made',
  ]);
  const control = result({ a: 'escaped', b: 'escaped', c: 'inside' }, { d: 'not on this kernel: CONFIG_D' });
  const page = escapesPage(all, [found], [control], [open]);
  expect(page).toContain('| 1 | app0 | 5.0.2 | 6.1 | v2 | disk | 3 | 1 | 1 |');
  expect(page).toContain('| mounts | `a` | tries <a> | device | inside |');
  expect(page).toContain('| mounts | `c` | tries <c> | **none** | host lost |');
  expect(page).toContain('| mounts | `d` | tries <d> | not on this kernel: CONFIG_D | – |');
  expect(page).toContain('| `a` | app0 | all | nobody has mended it |');
  const junit = escapesJunit(all, [found]);
  expect(junit).toContain('tests="4" failures="2" errors="0" skipped="1"');
  expect(junit).toContain('name="b: tries &lt;b&gt;"><failure message="escaped"/>');
});
