import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { explainSymbol } from '../../toolkit/kconfig-advice/explain-symbol.ts';
import { SymbolValues } from '../../toolkit/kconfig-tree/symbol-values.ts';
import { compareWithConf, readAsKernel } from '../rigs/compare-with-conf.ts';
import { KernelConf } from '../rigs/kernel-conf.ts';

let confs: readonly KernelConf[];
beforeAll(async () => {
  confs = await KernelConf.all();
});

/** The folders of scripts/kconfig/tests with a Kconfig file, by their path. */
function casesOf({ tree }: KernelConf): string[] {
  const root = join(tree, 'scripts', 'kconfig', 'tests');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/Kconfig'))
    .map((path) => join(root, path, '..'))
    .sort();
}

/** Requests that a case brings along, and none. */
function requestsOf(dir: string): string[] {
  const files = readdirSync(dir).filter((name) => name.endsWith('config') && !name.startsWith('expected'));
  return ['', ...files.map((name) => readFileSync(join(dir, name), 'utf8'))];
}

describe("the cases of the kernel's own tests of conf", () => {
  test('have the values that conf gives them', () => {
    const wrong: string[] = [];
    let lines = 0;
    for (const conf of confs) {
      for (const dir of casesOf(conf)) {
        for (const mode of ['alldefconfig', 'allnoconfig'] as const) {
          for (const requests of requestsOf(dir)) {
            const result = compareWithConf(conf, mode, dir, requests);
            if (result.kind === 'refused') continue;
            lines += result.lineCount;
            const name = `${conf.version} ${relative(conf.tree, dir)} ${mode}`;
            wrong.push(...result.differences.map((line) => `${name}: ${line}`));
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(lines).toBeGreaterThan(100);
  });

  test('come to an end where conf refuses them, with every symbol explained', () => {
    const refused = new Set<string>();
    for (const conf of confs) {
      for (const dir of casesOf(conf)) {
        if (compareWithConf(conf, 'alldefconfig', dir).kind !== 'refused') continue;
        refused.add(relative(conf.tree, dir));
        const tree = readAsKernel(conf, dir);
        const values = new SymbolValues(tree, {
          requested: new Map(),
          unset: 'default',
          dialect: conf.dialect,
        });
        for (const symbol of tree.symbols.values())
          expect(explainSymbol(symbol, values, () => undefined).because.length).toBeGreaterThan(0);
      }
    }
    expect([...refused]).toContain('scripts/kconfig/tests/err_recursive_dep');
    expect([...refused]).toContain('scripts/kconfig/tests/err_recursive_inc');
  });

  test('files that source one another are a problem', () => {
    for (const conf of confs) {
      const dir = join(conf.tree, 'scripts', 'kconfig', 'tests', 'err_recursive_inc');
      expect(existsSync(dir)).toBe(true);
      expect(readAsKernel(conf, dir).problems.map(({ message }) => message)).toEqual([
        expect.stringMatching(/ is sourced from within itself$/),
      ]);
    }
  });
});
