import { describe, expect, test } from 'vitest';
import { satisfies } from '../../../toolkit/kconfig-advice/line-cost.ts';
import type { Proposal } from '../../../toolkit/kconfig-advice/fix-input.ts';
import { predictValues } from '../../../toolkit/kconfig-advice/predict-changes.ts';
import { proposeFix } from '../../../toolkit/kconfig-advice/propose-fix.ts';
import { fixInput, symbolIn, type FixTextOptions } from '../kconfig-tree/read-text.ts';

const bool = (name: string, ...options: string[]): string =>
  [`config ${name}`, `\tbool "${name}"`, ...options.map((option) => `\t${option}`), ''].join('\n');

function propose(kconfig: string, wanted: string, options: FixTextOptions = {}): Proposal {
  const [symbol = '', value = 'y'] = wanted.split('=');
  const input = fixInput(kconfig, options);
  const proposal = proposeFix(input, { symbol, value });
  if (proposal.blocked === undefined) {
    // Whatever is proposed must give what is wanted, by our own reckoning.
    const then = predictValues(input, proposal.lines);
    expect(satisfies(then.text(symbolIn(input.tree, symbol)), value)).toBe(true);
  } else expect(proposal.lines).toEqual([]);
  return proposal;
}

/** The lines, or why there are none. */
function fix(kconfig: string, wanted: string, options: FixTextOptions = {}): string {
  const { blocked, lines } = propose(kconfig, wanted, options);
  return blocked ?? lines.map(({ symbol, value }) => `${symbol}=${value}`).join(' ');
}

describe('the lines that a symbol needs', () => {
  test('its own, and those of what it depends on', () => {
    const kconfig = bool('A', 'depends on B && C') + bool('B', 'depends on D') + bool('C') + bool('D');
    expect(fix(kconfig, 'A')).toBe('D=y B=y C=y A=y');
    expect(fix(kconfig, 'A', { asked: 'CONFIG_A=y' })).toBe('D=y B=y C=y');
    expect(fix(kconfig, 'A', { asked: 'CONFIG_A=y', base: 'CONFIG_D=y\nCONFIG_B=y' })).toBe('C=y');
  });

  test('none that a default gives by itself', () => {
    const kconfig = bool('A', 'depends on B') + bool('B', 'depends on C', 'default y') + bool('C');
    expect(fix(kconfig, 'A')).toBe('C=y A=y');
    // allnoconfig gives no defaults to what can be asked for.
    expect(fix(kconfig, 'A', { unset: 'n' })).toBe('C=y B=y A=y');
  });

  test('take the side of "or" that needs less', () => {
    const kconfig = bool('A', 'depends on (B && C) || D') + bool('B') + bool('C') + bool('D');
    expect(fix(kconfig, 'A')).toBe('D=y A=y');
    expect(fix(kconfig, 'A', { base: 'CONFIG_B=y\nCONFIG_C=y' })).toBe('A=y');
    expect(fix(kconfig, 'A', { asked: '# CONFIG_D is not set' })).toBe('B=y C=y A=y');
  });

  test('an n for what it must not have', () => {
    const kconfig = bool('A', 'depends on !B') + bool('B', 'default y');
    expect(fix(kconfig, 'A')).toBe('B=n A=y');
    const selected = bool('A', 'depends on !B') + 'config B\n\tbool\n' + bool('C', 'select B', 'default y');
    expect(fix(selected, 'A')).toBe('C=n A=y');
  });

  test('through a default, where it has no prompt', () => {
    expect(fix(`config A\n\tdef_bool y\n\tdepends on B\n${bool('B')}`, 'A')).toBe('B=y');
    expect(fix(`config A\n\tdef_bool B\n${bool('B')}`, 'A')).toBe('B=y');
  });

  test('through a select, where something in between has no prompt', () => {
    const kconfig = bool('A', 'depends on BUS') + 'config BUS\n\tbool\n' + bool('PCI_BUS', 'select BUS');
    expect(fix(kconfig, 'A')).toBe('PCI_BUS=y A=y');
  });

  test('as m, or as y where only that will do', () => {
    const modules = 'config MODULES\n\tdef_bool y\n\tmodules\n';
    const t = (name: string, ...options: string[]): string =>
      bool(name, ...options).replace('bool', 'tristate');
    expect(fix(`${modules}${t('A', 'depends on B')}${t('B')}`, 'A=m')).toBe('B=m A=m');
    expect(fix(`${modules}${t('A', 'depends on B')}${t('B')}`, 'A=y')).toBe('B=y A=y');
    expect(fix(`${modules}${t('A', 'depends on B=y')}${t('B')}`, 'A=m')).toBe('B=y A=m');
    // y satisfies who asked for m.
    expect(fix(`${t('A', 'depends on B')}${t('B')}`, 'A=m')).toBe('B=m A=m');
  });

  test('for a number and a text', () => {
    const kconfig = `config I\n\tint "i"\n\tdepends on D\n\tdefault 5\n${bool('D')}config S\n\tstring "s"\n\tdepends on D\n`;
    expect(fix(kconfig, 'I=7')).toBe('D=y I=7');
    expect(fix(kconfig, 'I=7', { asked: 'CONFIG_I=7' })).toBe('D=y');
    expect(fix(kconfig, 'S=some text')).toBe('D=y S=some text');
    expect(fix(`${bool('A', 'depends on I = 7')}config I\n\tint "i"\n`, 'A')).toBe('I=7 A=y');
    // Only through the member of the choice that gives it.
    const hz = `choice\n\tprompt "c"\n${bool('HZ_100')}${bool('HZ_250')}endchoice\nconfig HZ\n\tint\n\tdefault 100 if HZ_100\n\tdefault 250 if HZ_250\n`;
    expect(fix(hz, 'HZ=250')).toBe('HZ_250=y');
  });

  test('for an n', () => {
    expect(fix(bool('A', 'default y'), 'A=n')).toBe('A=n');
    expect(fix('config A\n\tdef_bool y\n\tdepends on B\n' + bool('B', 'default y'), 'A=n')).toBe('B=n');
  });

  test('repair what conditions break on the way', () => {
    // A = B holds as long as both are n.
    const kconfig = bool('A') + bool('B') + bool('X', 'depends on A && A = B');
    expect(fix(kconfig, 'X')).toBe('A=y X=y B=y');
  });
});

describe('never proposes', () => {
  test('anything against the fragments', () => {
    const kconfig = bool('A', 'depends on B') + bool('B');
    expect(fix(kconfig, 'A', { asked: 'CONFIG_A=y\n# CONFIG_B is not set' })).toBe('impossible');
    expect(fix(bool('A', 'depends on !B') + bool('B'), 'A', { asked: 'CONFIG_B=y' })).toBe('impossible');
  });

  test('another machine than the one of the defconfig', () => {
    const machines = `choice\n\tprompt "machine"\n${bool('MALTA')}${bool('BMIPS', 'select HAS_X')}endchoice\nconfig HAS_X\n\tbool\n`;
    const kconfig = machines + bool('A', 'depends on HAS_X') + bool('B', 'depends on BMIPS');
    const options = { base: 'CONFIG_MALTA=y', asked: 'CONFIG_A=y' };
    expect(fix(kconfig, 'A', options)).toBe('impossible');
    expect(fix(kconfig, 'B', options)).toBe('impossible');
    // A choice that was not made is free.
    expect(fix(kconfig, 'B')).toBe('BMIPS=y B=y');
    // And the person may want the other machine.
    expect(fix(kconfig, 'BMIPS', { base: 'CONFIG_MALTA=y' })).toBe('BMIPS=y');
  });

  test('a line that takes away something that was asked for and is there', () => {
    const kconfig = bool('A', 'depends on !B') + bool('B', 'default y') + bool('C', 'depends on B');
    const proposal = propose(kconfig, 'A', { asked: 'CONFIG_A=y\nCONFIG_C=y' });
    expect(proposal.blocked).toBe('unsure');
    expect(proposal.rejected).toEqual([{ lines: [{ symbol: 'B', value: 'n' }], why: 'C would be lost' }]);
  });

  test('something against the defconfig, while there is another way', () => {
    const kconfig = bool('A', 'depends on !B || C && D && E') + bool('B') + bool('C') + bool('D') + bool('E');
    expect(fix(kconfig, 'A', { base: 'CONFIG_B=y' })).toBe('C=y D=y E=y A=y');
    expect(fix(bool('A', 'depends on !B') + bool('B'), 'A', { base: 'CONFIG_B=y' })).toBe('B=n A=y');
  });
});

describe('a harmful line', () => {
  test('is not proposed: a driver that happens to select what has no prompt', () => {
    const hidden = 'config A\n\tbool\n' + bool('DRIVER', 'select A', 'depends on D') + bool('D');
    expect(fix(hidden, 'A')).toBe('hidden');
    expect(fix(hidden, 'A', { asked: 'CONFIG_A=y' })).toBe('hidden');
    expect(fix('config A\n\tbool\n' + bool('I', 'imply A'), 'A')).toBe('hidden');
  });

  test('is not proposed: switching off what something without a prompt excludes', () => {
    const kconfig = 'config A\n\tdef_bool y\n\tdepends on !B || C\n' + bool('B', 'default y');
    expect(fix(kconfig, 'A')).toBe('hidden');
    expect(fix(kconfig + bool('C'), 'A')).toBe('C=y');
  });

  test('is not proposed: what programs rely on off', () => {
    const kconfig = bool('A', 'depends on !DEVMEM') + bool('DEVMEM', 'default y');
    expect(fix(kconfig, 'A')).toBe('impossible');
    // Who names it gets it.
    expect(fix(kconfig, 'DEVMEM=n')).toBe('DEVMEM=n');
  });

  test('is not proposed: COMPILE_TEST, BROKEN and EXPERT, unless they are named', () => {
    const gate = (name: string): string => bool('A', `depends on X86 || ${name}`) + bool(name);
    expect(propose(gate('COMPILE_TEST'), 'A')).toMatchObject({ blocked: 'gated', gates: ['COMPILE_TEST'] });
    expect(propose(gate('BROKEN'), 'A')).toMatchObject({ blocked: 'gated', gates: ['BROKEN'] });
    expect(fix(gate('COMPILE_TEST'), 'COMPILE_TEST')).toBe('COMPILE_TEST=y');
    expect(fix(gate('COMPILE_TEST'), 'A', { asked: 'CONFIG_COMPILE_TEST=y' })).toBe('A=y');
    const expert =
      bool('A').replace('"A"', '"A" if EXPERT') + bool('EXPERT') + bool('EMBEDDED', 'select EXPERT');
    expect(propose(expert, 'A')).toMatchObject({ blocked: 'gated' });
    const named = new Map([
      ['A', 'y'],
      ['EXPERT', 'y'],
    ]);
    const input = { ...fixInput(expert), named };
    expect(proposeFix(input, { symbol: 'A', value: 'y' }).lines).toEqual([
      { symbol: 'EXPERT', value: 'y' },
      { symbol: 'A', value: 'y' },
    ]);
  });

  test('is not proposed: another byte order, though the defconfig leaves it at its default', () => {
    const order = `choice\n\tprompt "e"\n${bool('CPU_BIG_ENDIAN')}${bool('CPU_LITTLE_ENDIAN')}endchoice\n`;
    const input = fixInput(order + bool('A', 'depends on CPU_LITTLE_ENDIAN'));
    const moved = {
      ...input,
      final: new Map([['CPU_BIG_ENDIAN', 'y']]),
    };
    for (const name of ['CPU_BIG_ENDIAN', 'CPU_LITTLE_ENDIAN'])
      for (const node of symbolIn(input.tree, name).nodes)
        Object.assign(node, { place: { ...node.place, file: 'arch/mips/Kconfig' } });
    expect(proposeFix(moved, { symbol: 'A', value: 'y' }).blocked).toBe('impossible');
  });
});

describe('the way that changes least', () => {
  const modules = 'config MODULES\n\tdef_bool y\n\tmodules\n';

  test('is a y in place of m, not an n that takes others along', () => {
    const t = (name: string, ...options: string[]): string =>
      bool(name, ...options).replace('bool', 'tristate');
    const kconfig =
      modules + t('SWITCH', 'depends on BRIDGE || BRIDGE=n') + t('BRIDGE') + t('EBT', 'depends on BRIDGE');
    const options = { base: 'CONFIG_BRIDGE=m\nCONFIG_EBT=m', asked: 'CONFIG_SWITCH=y' };
    expect(fix(kconfig, 'SWITCH', options)).toBe('BRIDGE=y');
  });

  test('is two lines that bring nothing, not one that takes others away', () => {
    const kconfig =
      bool('A', 'depends on !FULL || B && C') +
      bool('FULL', 'default y') +
      bool('X', 'default y', 'depends on FULL') +
      bool('B') +
      bool('C');
    expect(fix(kconfig, 'A')).toBe('B=y C=y A=y');
  });

  test('comes first, the others are kept for conf to compare', () => {
    const many = ['H1', 'H2', 'H3'].map((name) => `config ${name}\n\tbool\n`).join('');
    const kconfig =
      many +
      bool('A', 'depends on HEAVY || LIGHT') +
      bool('HEAVY', 'select H1', 'select H2', 'select H3') +
      bool('LIGHT');
    const { lines, alternatives } = propose(kconfig, 'A');
    expect(lines.map(({ symbol }) => symbol)).toEqual(['LIGHT', 'A']);
    expect(alternatives?.map((way) => way.map(({ symbol }) => symbol))).toEqual([['HEAVY', 'A']]);
  });
});

describe('finds no fix for', () => {
  test('a symbol that the tree does not have', () => {
    expect(fix(bool('A'), 'UNKNOWN')).toBe('unknown');
    expect(fix(bool('A', 'depends on NAMED_ONLY'), 'NAMED_ONLY')).toBe('unknown');
  });

  test('one that depends on what cannot be', () => {
    expect(fix(bool('A', 'depends on UNKNOWN'), 'A')).toBe('impossible');
    expect(fix(bool('A', 'depends on B && !B') + bool('B'), 'A')).not.toMatch(/=/);
    expect(fix('config A\n\tbool\n', 'A')).toBe('impossible');
    expect(fix(bool('A', 'depends on A2') + bool('A2', 'depends on A'), 'A')).toBe('impossible');
  });

  test('a number out of its range', () => {
    expect(fix('config I\n\tint "i"\n\trange 1 5\n', 'I=9')).toBe('unsure');
  });
});

test('a line that turns out not to be needed is left out', () => {
  // B brings C along, whose own line is then one too many.
  const kconfig = bool('A', 'depends on B && C') + bool('B', 'select C') + bool('C');
  expect(fix(kconfig, 'A')).toBe('B=y A=y');
});

test('the values that conf should come to with further lines', () => {
  const input = fixInput(bool('A', 'depends on B') + bool('B'), { asked: 'CONFIG_A=y' });
  const then = predictValues(input, [{ symbol: 'B', value: 'y' }]);
  expect(['A', 'B'].map((name) => then.text(symbolIn(input.tree, name)))).toEqual(['y', 'y']);
});

test('satisfied is who gets what was asked for, or y for m', () => {
  expect(satisfies('y', 'm')).toBe(true);
  expect(satisfies('m', 'y')).toBe(false);
  expect(satisfies('n', 'm')).toBe(false);
  expect(satisfies('a', 'a')).toBe(true);
});
