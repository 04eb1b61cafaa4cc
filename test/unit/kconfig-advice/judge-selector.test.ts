import { expect, test } from 'vitest';
import type { Proposal } from '../../../toolkit/kconfig-advice/fix-input.ts';
import { isSelectedByDriver } from '../../../toolkit/kconfig-advice/judge-selector.ts';
import { proposeFix } from '../../../toolkit/kconfig-advice/propose-fix.ts';
import { fixInput, readText, symbolIn } from '../kconfig-tree/read-text.ts';

const bool = (name: string, ...options: string[]): string =>
  [`config ${name}`, `\tbool "${name}"`, ...options.map((option) => `\t${option}`), ''].join('\n');
const hidden = (name: string): string => `config ${name}\n\tbool\n`;

const BUS = 'drivers/wire/Kconfig';
const USER = 'drivers/char/Kconfig';
const OTHER = 'drivers/net/Kconfig';
const sources = (...files: string[]): string => files.map((file) => `source "${file}"\n`).join('');
/** A bus without a prompt, its glue, and a driver that selects it as well. */
const wire = {
  [BUS]:
    hidden('WIRE') +
    bool('WIRE_PCI', 'depends on PCI', 'select WIRE', 'select WIRE_LIB') +
    hidden('WIRE_LIB'),
  [USER]: bool('WIRE_TTY', 'select WIRE') + bool('TTY_OPTION', 'depends on WIRE_TTY'),
};
const top = bool('PCI') + bool('WIRE_DISK', 'depends on WIRE') + sources(BUS, USER);

function propose(
  symbol: string,
  options: Parameters<typeof fixInput>[1] & { named?: string[] } = {},
): Proposal {
  const { named = [], ...rest } = options;
  const input = fixInput(top, { files: wire, ...rest });
  return proposeFix(
    { ...input, named: new Map([symbol, ...named].map((name) => [name, 'y'])) },
    { symbol, value: 'y' },
  );
}

const linesOf = ({ lines }: Proposal): string => lines.map(({ symbol }) => symbol).join(' ');

test('sets a symbol without a prompt by its bus, not by a driver that takes fewer lines', () => {
  const proposal = propose('WIRE_DISK');
  expect(linesOf(proposal)).toBe('PCI WIRE_PCI WIRE_DISK');
  expect(proposal.alternatives).toEqual([]);
});

test('it comes with what is asked for, a driver or not, and with nothing else beside', () => {
  expect(linesOf(propose('WIRE_DISK', { asked: 'CONFIG_WIRE_PCI=y' }))).toBe('PCI WIRE_DISK');
  // Wanted at the same time, or of the defconfig.
  expect(linesOf(propose('WIRE_DISK', { named: ['WIRE_TTY'] }))).toBe('WIRE_TTY WIRE_DISK');
  expect(propose('WIRE_DISK', { named: ['WIRE_TTY'] }).alternatives).toEqual([]);
  expect(linesOf(propose('WIRE_DISK', { base: 'CONFIG_WIRE_TTY=y' }))).toBe('WIRE_DISK');
  const input = { ...fixInput(top, { files: wire }), required: new Set(['WIRE_TTY']) };
  expect(linesOf(proposeFix(input, { symbol: 'WIRE_DISK', value: 'y' }))).toBe('WIRE_TTY WIRE_DISK');
});

test('where only drivers bring it, they are named and none is proposed', () => {
  const files = { ...wire, [USER]: `${wire[USER]}${bool('WIRE_FAX', 'select WIRE')}` };
  const options = { files, asked: '# CONFIG_PCI is not set' };
  expect(propose('WIRE_DISK', options)).toMatchObject({
    lines: [],
    blocked: 'drivers',
    brought: [{ symbol: 'WIRE', by: ['WIRE_TTY', 'WIRE_FAX'] }],
  });
  expect(linesOf(propose('WIRE_DISK', { ...options, named: ['WIRE_FAX'] }))).toBe('WIRE_FAX WIRE_DISK');
});

test('a symbol without a prompt comes with what is named beside it', () => {
  expect(propose('WIRE').blocked).toBe('hidden');
  expect(linesOf(propose('WIRE', { named: ['WIRE_TTY'] }))).toBe('WIRE_TTY');
});

test('a driver is what few others depend on, below drivers/ or sound/, and no part of what it selects', () => {
  const users = ['A', 'B', 'C'].map((name) => bool(`NET_${name}`, 'depends on SWITCH')).join('');
  const files = {
    [BUS]: hidden('WIRE_CORE') + bool('WIRE_USB', 'select WIRE_CORE') + bool('CABLE', 'select WIRE_CORE'),
    [USER]: bool('SWITCH', 'select WIRE_CORE') + bool('SWITCH_LED', 'depends on SWITCH'),
    [OTHER]: users,
    'net/Kconfig': bool('PROTOCOL', 'select WIRE_CORE'),
    'sound/Kconfig': bool('CARD', 'select WIRE_CORE'),
  };
  const judge = (without: string[] = []): Record<string, boolean> => {
    const text = sources(...Object.keys(files).filter((file) => !without.includes(file)));
    const tree = readText(text, { files });
    const { selectedBy } = symbolIn(tree, 'WIRE_CORE');
    return Object.fromEntries(selectedBy.map((one) => [one.by.name, isSelectedByDriver(one, tree)]));
  };
  const parts = { WIRE_USB: false, CABLE: true, PROTOCOL: false, CARD: true };
  expect(judge()).toEqual({ ...parts, SWITCH: false });
  // Without what depends on it from elsewhere it has only its own option.
  expect(judge([OTHER])).toEqual({ ...parts, SWITCH: true });
});
