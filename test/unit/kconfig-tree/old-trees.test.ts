import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../../toolkit/kconfig-tree/conf-dialects.ts';
import { readConfigValues } from '../../../toolkit/kconfig-tree/config-values.ts';
import { explainSymbol } from '../../../toolkit/kconfig-advice/explain-symbol.ts';
import { proposeFix } from '../../../toolkit/kconfig-advice/propose-fix.ts';
import { readKconfig } from '../../../toolkit/kconfig-tree/read-kconfig.ts';
import { SymbolValues } from '../../../toolkit/kconfig-tree/symbol-values.ts';
import type { KconfigTree } from '../../../toolkit/kconfig-tree/menu-tree.ts';
import { fixture } from '../../rigs/fixture.ts';
import { configLines, problemsIn, symbolIn } from './read-text.ts';

/** A tree in the style of an old kernel, and the .config that its conf should write. */
class OldTree {
  readonly tree: KconfigTree;
  readonly #version: string;

  constructor(version: string, topFile: string) {
    this.#version = version;
    this.tree = readKconfig({
      roots: [fixture('kconfig-old', version)],
      topFile,
      dialect: dialectOf('kernel', version),
      environment: { ARCH: 'mips', SRCARCH: 'mips', KERNELVERSION: version },
      shell: () => undefined,
    });
  }

  values(requests = '', unset: 'n' | 'default' = 'default'): SymbolValues {
    return new SymbolValues(this.tree, {
      requested: readConfigValues(requests),
      unset,
      dialect: dialectOf('kernel', this.#version),
    });
  }

  config(requests = '', unset: 'n' | 'default' = 'default'): string {
    return `${configLines(this.tree, this.values(requests, unset)).join('\n')}\n`;
  }

  fix(symbol: string, asked = ''): string[] {
    const requested = readConfigValues(asked);
    const proposal = proposeFix(
      {
        tree: this.tree,
        dialect: dialectOf('kernel', this.#version),
        unset: 'default',
        base: new Map(),
        asked: requested,
        final: readConfigValues(this.config(asked)),
      },
      { symbol, value: 'y' },
    );
    return proposal.lines.map((line) => `${line.symbol}=${line.value}`);
  }
}

describe.each([
  ['2.6.32', 'arch/mips/Kconfig', 4],
  ['3.10', 'Kconfig', 6],
  ['4.9', 'Kconfig', 5],
])('a tree in the style of Linux %s', (version, topFile, files) => {
  const old = new OldTree(version, topFile);

  test('is read without a problem', () => {
    expect(problemsIn(old.tree)).toEqual([]);
    expect(old.tree.fileCount).toBe(files);
    expect(old.tree.symbols.has('NOT_A_SYMBOL')).toBe(false);
    expect(old.tree.modules?.name).toBe('MODULES');
  });

  test('has a type for every symbol that it defines, as far as the files give one', () => {
    const untyped = [...old.tree.symbols.values()].filter(
      ({ nodes, type }) => nodes.length > 0 && type === 'unknown',
    );
    // CHAR_MISC is a menuconfig that was given none.
    expect(untyped.map(({ name }) => name)).toEqual(version === '2.6.32' ? ['CHAR_MISC'] : []);
  });

  test('gives the values of its defaults, of nothing, and of a configuration', async () => {
    const folder = `../../fixtures/kconfig-old/${version}.configs`;
    await expect(old.config()).toMatchFileSnapshot(`${folder}/alldefconfig`);
    await expect(old.config('', 'n')).toMatchFileSnapshot(`${folder}/allnoconfig`);
  });

  test('explains each of its symbols', () => {
    for (const symbol of old.tree.symbols.values())
      expect(explainSymbol(symbol, old.values(), () => undefined).because.length).toBeGreaterThan(0);
  });
});

test('Linux 2.6.32: "enable", "requires", "depends" without "on", and a text as a number', () => {
  const old = new OldTree('2.6.32', 'arch/mips/Kconfig');
  const config = old.config(
    'CONFIG_BOX_VENDOR=y\nCONFIG_EXPERIMENTAL=y\nCONFIG_TUNER=m\nCONFIG_TUNER_DEBUG=y',
  );
  for (const line of [
    'CONFIG_CPU_LITTLE_ENDIAN=y',
    'CONFIG_HAVE_TUNER=y',
    'CONFIG_TUNER=m',
    'CONFIG_TUNER_DEBUG=y',
    'CONFIG_TUNER_NAME="front end"',
    'CONFIG_CLOCK_HZ=250',
    'CONFIG_LOAD_ADDRESS=0x80001000',
  ])
    expect(config).toContain(`${line}\n`);
  // It is of another machine, and the machine is the board.
  expect(old.fix('TUNER_DEBUG')).toEqual([]);
  expect(old.fix('BOX_VENDOR')).toEqual(['BOX_VENDOR=y']);
});

test('Linux 3.10: select with a condition, ranges, signs in prompts and texts', () => {
  const old = new OldTree('3.10', 'Kconfig');
  const config = old.config(
    'CONFIG_FB=y\nCONFIG_FB_VENDOR=y\nCONFIG_FB_SIZE=0x1\nCONFIG_64BIT=y\nCONFIG_PREEMPT=y',
  );
  for (const line of [
    'CONFIG_FB_FILL=y',
    'CONFIG_BACKLIGHT=y',
    'CONFIG_FB_SIZE=0x100000',
    'CONFIG_NR_CPUS=8',
    'CONFIG_HAVE_UNDERSCORES_64BIT=y',
    'CONFIG_PREEMPT_COUNT=y',
    'CONFIG_VIDEO_MODE="1080p \\"full\\" #1"',
  ])
    expect(config).toContain(`${line}\n`);
  expect(config).not.toContain('CONFIG_FB_COPY=y');
  expect(symbolIn(old.tree, 'FB_VENDOR').nodes[0]?.place).toEqual({
    file: 'drivers/video/Kconfig',
    line: 16,
  });
});

test('Linux 4.9: a default by another symbol, a choice within an if, CRLF, a byte order mark', () => {
  const old = new OldTree('4.9', 'Kconfig');
  const config = old.config(
    'CONFIG_MIPS_OTHER=y\nCONFIG_MODULES=y\nCONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_SHA256=y',
  );
  for (const line of [
    'CONFIG_SECCOMP=y',
    'CONFIG_PAGE_4K=y',
    'CONFIG_CRYPTO_SHA256=y',
    '# CONFIG_MODULE_SIG_SHA1 is not set',
    '# CONFIG_VENDOR_DEMUX is not set',
  ])
    expect(config).toContain(`${line}\n`);
  expect(old.fix('MODULE_SIG_SHA256')).toEqual(['MODULES=y', 'MODULE_SIG=y', 'MODULE_SIG_SHA256=y']);
  expect(symbolIn(old.tree, 'VENDOR_DEMUX_CHANNELS').nodes[0]?.place).toEqual({
    file: 'vendor/soc/Kconfig',
    line: 13,
  });
});
