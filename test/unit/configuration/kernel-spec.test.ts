import { expect, test } from 'vitest';
import { boardKernel } from '../../../toolkit/configuration/kernel-spec.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

test("the fragments of the cgroup layout come first, so that the board's own win", async () => {
  const { fragments } = boardKernel(await sampleBuild(scratchDir(), { cgroup: 'v1' }));
  expect(fragments.map(({ shownAs }) => shownAs)).toEqual([
    'kconfig-fragments/cgroup-v1.config',
    'kconfig-fragments/lxc.config',
  ]);
});

test('a value of the profile is written as Kconfig has it', async () => {
  const config = { A: true, HZ: 100, OFFSET: -5, BASE: '0x80000000', TEXT: 'a "b"', QUOTED: '"c"' };
  const { inline } = boardKernel(await sampleBuild(scratchDir(), { kernel: { config } }));
  expect(inline.lines.map(({ symbol, value }) => `${symbol}=${value}`)).toEqual([
    'CONFIG_A=y',
    'CONFIG_HZ=100',
    'CONFIG_OFFSET=-5',
    'CONFIG_BASE=0x80000000',
    'CONFIG_TEXT="a \\"b\\""',
    'CONFIG_QUOTED="c"',
  ]);
});
