import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareWithConf, type Comparison } from '../rigs/compare-with-conf.ts';
import { KernelConf, type ConfMode } from '../rigs/kernel-conf.ts';
import { randomKconfig, type RandomKconfig } from '../rigs/random-kconfig.ts';
import { RandomNumbers } from '../rigs/random-numbers.ts';
import { smallestExample } from '../rigs/smallest-example.ts';

/** Each run tries other trees; LXC_KIT_TEST_SEED repeats one. */
const firstSeed = Number(process.env['LXC_KIT_TEST_SEED'] ?? Date.now() % 1_000_000);
const TREES = 300;

const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-random-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let confs: readonly KernelConf[];
beforeAll(async () => {
  confs = await KernelConf.all();
});

test(`${TREES} trees made up by chance have the values that conf gives them`, () => {
  expect(confs.map(({ version }) => version)).toContainEqual(expect.stringMatching(/^6\.1\./));
  for (const conf of confs) {
    let compared = 0;
    for (let seed = firstSeed; seed < firstSeed + TREES; seed++) {
      const made = randomKconfig(new RandomNumbers(seed), {
        old: conf.dialect.choices === 'last',
        modules: conf.version.startsWith('5.') ? 'option modules' : 'modules',
      });
      for (const mode of ['alldefconfig', 'allnoconfig'] as const) {
        const result = compare(conf, mode, made);
        // Loops through choices cannot be ruled out; conf refuses them.
        if (result.kind === 'refused') expect(result.stderr).toMatch(/recursive dependency detected|SIGSEGV/);
        else compared++;
        if (isWrong(result)) throw new Error(report(conf, mode, seed, made));
      }
    }
    expect(compared).toBeGreaterThan(TREES);
  }
});

function compare(conf: KernelConf, mode: ConfMode, { kconfig, requests }: RandomKconfig): Comparison {
  writeFileSync(join(dir, 'Kconfig'), kconfig);
  return compareWithConf(conf, mode, dir, requests);
}

function isWrong(result: Comparison): boolean {
  return result.kind === 'compared' && result.differences.length > 0;
}

function report(conf: KernelConf, mode: ConfMode, seed: number, made: RandomKconfig): string {
  const { kconfig, requests } = smallestExample(made, (one) => isWrong(compare(conf, mode, one)));
  const result = compare(conf, mode, { kconfig, requests });
  const differences = result.kind === 'compared' ? result.differences : [];
  return [
    `${mode} of ${conf.version} differs; LXC_KIT_TEST_SEED=${seed} repeats it. The smallest example:`,
    kconfig,
    'with',
    requests,
    ...differences,
  ].join('\n');
}
