import { expect, test } from 'vitest';
import type { AuditFinding } from '../../../toolkit/kconfig/audit-config.ts';
import { formatAudit } from '../../../toolkit/kconfig/format-audit.ts';
import { predictValues } from '../../../toolkit/kconfig-advice/predict-changes.ts';
import { addLossCauses, mayBeFixed } from '../../../toolkit/configuration/loss-causes.ts';
import type { ReadTree } from '../../../toolkit/configuration/read-kconfig-tree.ts';
import { fixInput } from '../kconfig-tree/read-text.ts';

const bool = (name: string, ...options: string[]): string =>
  [`config ${name}`, `\tbool "${name}"`, ...options.map((option) => `\t${option}`), ''].join('\n');

const KCONFIG = [
  bool('TABLES'),
  bool('TRACK'),
  'if TABLES\n',
  bool('T_NAT'),
  bool('T_LOG'),
  bool('T_CT', 'depends on TRACK'),
  'endif\n',
  bool('ALONE', 'depends on TRACK'),
  'config HIDDEN\n\tbool\n',
  bool('USER', 'select HIDDEN'),
].join('');

function lost(...symbols: string[]): AuditFinding[] {
  return symbols.map((symbol, index) => ({
    symbol: `CONFIG_${symbol}`,
    kind: 'lost',
    requested: 'y',
    final: 'n',
    location: { file: 'boards/x.config', line: index + 1, column: 1 },
  }));
}

function withCauses(findings: readonly AuditFinding[]): AuditFinding[] {
  const asked = findings.map(({ symbol }) => `${symbol}=y`).join('\n');
  const input = fixInput(KCONFIG, { asked });
  const values = predictValues(input, []);
  return addLossCauses(
    findings,
    () => ({ ...input, values, configured: { requests: new Map() } }) as unknown as ReadTree,
  );
}

test('symbols that were lost for one cause have the same, though some lack more than that', () => {
  const causes = withCauses(lost('T_CT', 'T_LOG', 'T_NAT', 'ALONE')).map(({ cause }) => cause);
  expect(causes).toEqual([
    'CONFIG_TABLES is not set',
    'CONFIG_TABLES is not set',
    'CONFIG_TABLES is not set',
    'CONFIG_TRACK is not set',
  ]);
});

test('a symbol that is off is the cause before one that is a module', () => {
  const kconfig = [
    'config MODULES\n\tbool "modules"\n\tmodules\n\tdefault y\n',
    'config BUS\n\ttristate "bus"\n',
    bool('CORE'),
    bool('DRIVER', 'depends on BUS=y && CORE'),
  ].join('');
  const input = fixInput(kconfig, { asked: 'CONFIG_BUS=m\nCONFIG_DRIVER=y' });
  const read = { ...input, values: predictValues(input, []), configured: { requests: new Map() } };
  const [found] = addLossCauses(lost('DRIVER'), () => read as unknown as ReadTree);
  expect(found?.cause).toBe('CONFIG_CORE is not set');
});

test('kconfig fix has nothing for symbols that no line sets', () => {
  expect(mayBeFixed(withCauses(lost('HIDDEN')))).toBe(false);
  expect(mayBeFixed(withCauses(lost('HIDDEN', 'ALONE')))).toBe(true);
  expect(mayBeFixed(lost('ALONE'))).toBe(false);
});

test('they are one line of the table', () => {
  expect(formatAudit(withCauses(lost('T_CT', 'T_LOG', 'T_NAT', 'ALONE')))).toBe(
    [
      'lost: asked for, but not set (4)',
      '  3 symbols, because CONFIG_TABLES is not set: CONFIG_T_CT=y (boards/x.config:1), CONFIG_T_LOG=y (boards/x.config:2) and CONFIG_T_NAT=y (boards/x.config:3)',
      '  CONFIG_ALONE=y  boards/x.config:4  final: not set',
      '    CONFIG_TRACK is not set',
    ].join('\n'),
  );
});

test('a symbol without a prompt is to be left out', () => {
  expect(withCauses(lost('HIDDEN'))[0]?.cause).toBe('it has no prompt, so no line sets it: leave it out');
});

test('adds no cause to a symbol that has advice, or is not in the tree', () => {
  const [advised] = lost('T_LOG');
  expect(withCauses([{ ...advised!, advice: 'write CONFIG_TABLES' }])[0]?.cause).toBeUndefined();
  expect(withCauses(lost('GONE'))[0]?.cause).toBeUndefined();
});

test('a tree that cannot be read stops nothing', () => {
  const findings = lost('T_LOG');
  expect(
    addLossCauses(findings, () => {
      throw new Error('no Kconfig');
    }),
  ).toEqual(findings);
});
