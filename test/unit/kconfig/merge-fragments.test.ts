import { describe, expect, test } from 'vitest';
import {
  applyModulePolicy,
  configLine,
  mergedText,
  mergeLayers,
} from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';

/** Layers from texts, called `1`, `2`, … */
function merge(...texts: string[]) {
  return mergeLayers(texts.map((text, index) => parseConfig(text, String(index + 1))));
}

describe('merging layers', () => {
  test('the last one wins and knows whom it overrode', () => {
    const merged = merge('CONFIG_A=y\nCONFIG_B=m\n', 'CONFIG_A=m\n', '# CONFIG_A is not set\nCONFIG_B=m\n');
    expect(merged.get('CONFIG_A')).toMatchObject({ value: 'n', location: { file: '3', line: 1 } });
    expect(
      merged.get('CONFIG_A')?.overridden.map(({ value, location }) => `${value} in ${location.file}`),
    ).toEqual(['y in 1', 'm in 2']);
    // The same value again overrides nothing, but it was the last to ask.
    expect(merged.get('CONFIG_B')).toMatchObject({ value: 'm', location: { file: '3' }, overridden: [] });
  });

  test('a request that is made again after all was not overridden', () => {
    const merged = merge('CONFIG_A=y\n', 'CONFIG_A=n\n', 'CONFIG_A=y\n');
    expect(merged.get('CONFIG_A')?.overridden.map(({ value }) => value)).toEqual(['n']);
  });

  test('the last requests stand in the order in which they came', () => {
    const merged = merge('CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=y\n', 'CONFIG_B=m\n', 'CONFIG_A=m\n');
    expect([...merged.keys()]).toEqual(['CONFIG_C', 'CONFIG_B', 'CONFIG_A']);
  });

  test('a symbol twice in one file counts by its last line', () => {
    expect(merge('CONFIG_A=y\nCONFIG_A=m\n').get('CONFIG_A')).toMatchObject({
      value: 'm',
      location: { line: 2 },
    });
  });
});

describe('the merged text', () => {
  // The output of scripts/kconfig/merge_config.sh -m of Linux 6.1 for these files, without its comments.
  const base = [
    '# Automatically generated file',
    'CONFIG_A=y',
    'CONFIG_AB=y',
    '# CONFIG_C is not set',
    'CONFIG_D="text"',
    '# CONFIG_E=y was tried',
    '',
  ].join('\n');

  test('has the base without what was asked for, and then what was asked for', () => {
    const merged = merge('CONFIG_C=y\nCONFIG_NEW=0x10\n', '# CONFIG_A is not set\n');
    expect(mergedText(base, merged)).toBe(
      [
        '# Automatically generated file',
        'CONFIG_AB=y',
        'CONFIG_D="text"',
        '# CONFIG_E=y was tried',
        '',
        'CONFIG_C=y',
        'CONFIG_NEW=0x10',
        '# CONFIG_A is not set',
        '',
      ].join('\n'),
    );
  });

  test('a base with CRLF is no obstacle', () => {
    expect(mergedText('\uFEFFCONFIG_A=y\r\nCONFIG_B=y\r\n', merge('CONFIG_A=n\n'))).toBe(
      'CONFIG_B=y\n\n# CONFIG_A is not set\n',
    );
  });

  test('an empty base, or no request, changes nothing else', () => {
    expect(mergedText('', merge('CONFIG_A=y\n'))).toBe('\nCONFIG_A=y\n');
    expect(mergedText('CONFIG_A=y\n', merge())).toBe('CONFIG_A=y\n');
  });

  test('a line is as Kconfig writes it', () => {
    expect(configLine('CONFIG_A', 'n')).toBe('# CONFIG_A is not set');
    expect(configLine('CONFIG_A', '"n"')).toBe('CONFIG_A="n"');
  });
});

describe('modules of the base', () => {
  const base =
    'CONFIG_MODULES=y\nCONFIG_A=m\nCONFIG_B=y\n# CONFIG_C is not set\nCONFIG_D="=m"\nCONFIG_MODULES_TREE=y\n';

  test('are kept', () => {
    expect(applyModulePolicy(base, 'keep')).toBe(base);
  });

  test('are built in', () => {
    expect(applyModulePolicy(base, 'builtin')).toBe(
      'CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\nCONFIG_D="=m"\nCONFIG_MODULES_TREE=y\n# CONFIG_MODULES is not set\n',
    );
  });

  test('are dropped', () => {
    const dropped =
      'CONFIG_B=y\n# CONFIG_C is not set\nCONFIG_D="=m"\nCONFIG_MODULES_TREE=y\n# CONFIG_MODULES is not set\n';
    expect(applyModulePolicy(base, 'drop')).toBe(dropped);
    expect(applyModulePolicy(base.replaceAll('\n', '\r\n'), 'drop')).toBe(dropped);
    expect(applyModulePolicy('', 'drop').trim()).toBe('# CONFIG_MODULES is not set');
  });
});
