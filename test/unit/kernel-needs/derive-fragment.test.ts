import { describe, expect, it, test } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { fragmentNames } from '../../../toolkit/kconfig/read-fragment.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';
import type { BoardDescription } from '../../../toolkit/kernel-needs/board-description.ts';
import { DERIVED_FRAGMENT, deriveFragment } from '../../../toolkit/kernel-needs/derive-fragment.ts';
import { listNeeds } from '../../../toolkit/kernel-needs/list-needs.ts';
import { prerequisites } from '../../../toolkit/kernel-needs/prerequisites.ts';
import { fileSystems } from '../../../toolkit/kernel-needs/file-systems.ts';
import { rules } from '../../../toolkit/kernel-needs/rules.ts';
import { boardWith } from './rig.ts';

const WEB = '{ name: web, network: [{ type: veth, link: br0 }], limits: { cpus: "0" }, devices: {} }';

const symbolsOf = (board: BoardDescription): string[] =>
  deriveFragment(board, []).lines.map(({ symbol }) => symbol.replace('CONFIG_', ''));

describe('deriveFragment', () => {
  it('writes each symbol once, below its reason and followed by what it depends on', () => {
    const { text } = deriveFragment(boardWith([WEB]), ['A header.', '']);
    expect(text.startsWith('# A header.\n#\n\n# ')).toBe(true);
    expect(text).toContain(
      '\n# veth interface (web)\nCONFIG_VETH=y\n\n# dependencies of VETH\nCONFIG_NET_CORE=y\n' +
        '\n# dependencies of NET_CORE\nCONFIG_NETDEVICES=y\n',
    );
    expect(text).toContain(
      '\n# processor list (web)\nCONFIG_CPUSETS=y\n\n# dependencies of CPUSETS\nCONFIG_SMP=y\n',
    );
    expect(text).toContain('\n# wanted: the address of lo\n');
  });

  it('is a fragment that Kconfig reads as it is meant', () => {
    const { text, lines } = deriveFragment(boardWith([WEB, 'name: db']), ['A header.']);
    const parsed = parseConfig(text, 'derived');
    expect(parsed.problems).toEqual([]);
    expect(parsed.lines.map(({ symbol, value, location }) => [symbol, value, location.line])).toEqual(
      lines.map(({ symbol, line }) => [symbol, 'y', line]),
    );
    expect(new Set(lines.map(({ symbol }) => symbol)).size).toBe(lines.length);
  });

  it('holds everything that the board needs', () => {
    const board = boardWith([WEB], { cgroup: 'v1', kernelVersion: '6.12.107', fromNothing: true });
    const written = symbolsOf(board);
    // A symbol that goes with another one is left to whoever sets that one.
    const needs = listNeeds(board).filter(({ onlyWith }) => onlyWith === undefined);
    for (const { symbol } of needs) expect(written).toContain(symbol.replace('CONFIG_', ''));
    expect(written).toEqual(expect.arrayContaining(['EXPERT', 'CPUSETS_V1', 'CGROUP_DEVICE']));
    expect(written).not.toContain('CGROUP_BPF');
  });

  it('asks for the small kernel only where everything else is off', () => {
    expect(symbolsOf(boardWith([]))).not.toContain('EXPERT');
  });

  it('takes a machine at its word about what symbols depend on there', () => {
    const machine = { needs: [], prerequisites: [{ symbol: 'SMP', needs: ['MIPS_MT_SMP'] }] };
    expect(symbolsOf(boardWith([WEB], { machine }))).toContain('MIPS_MT_SMP');
    expect(symbolsOf(boardWith([WEB]))).not.toContain('MIPS_MT_SMP');
  });

  it('does not run in circles', () => {
    const machine = {
      needs: [],
      prerequisites: [
        { symbol: 'SMP', needs: ['A'] },
        { symbol: 'A', needs: ['B'] },
        { symbol: 'B', needs: ['A'] },
      ],
    };
    expect(symbolsOf(boardWith([WEB], { machine }))).toEqual(expect.arrayContaining(['A', 'B']));
  });
});

test('the tables name symbols without CONFIG_, give reasons, and no row is twice', () => {
  const named = [
    ...rules.flatMap(({ symbols }) => symbols),
    ...prerequisites.flatMap(({ symbol, needs }) => [symbol, ...needs]),
    ...Object.values(fileSystems).flatMap((rows) => rows.map(({ symbol }) => symbol)),
  ];
  for (const symbol of named) expect(symbol).toMatch(/^(?!CONFIG_)[A-Z0-9_]+$/);
  for (const { reason } of rules) expect(reason).toMatch(/^[^\n#]+$/);
  const rows = prerequisites.map(({ symbol, since = '', until = '' }) => `${symbol} ${since} ${until}`);
  expect(rows.filter((row, index) => rows.indexOf(row) !== index)).toEqual([]);
});

test('no shipped fragment has the name that stands for the derived one', () => {
  expect(fragmentNames(shippedPath('kconfig-fragments'))).not.toContain(DERIVED_FRAGMENT);
});
