import { expect, test } from 'vitest';
import { boardKernel } from '../../../toolkit/configuration/kernel-spec.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

async function fragmentsOf(changes: Readonly<Record<string, unknown>>): Promise<string[]> {
  const { fragments } = boardKernel(await sampleBuild(scratchDir(), changes));
  return fragments.map(
    ({ shownAs, optional }) => `${shownAs.replace('kconfig-fragments/', '')}${optional === true ? '?' : ''}`,
  );
}

test("hardening and the fragments of the cgroup layout come first, so that the board's own win", async () => {
  expect(await fragmentsOf({ cgroup: 'v1' })).toEqual([
    'hardening.config?',
    'hardening-without-modules.config?',
    'cgroup-v1.config',
    'lxc.config',
  ]);
});

test('a kernel with modules may start modprobe, and hardening can be off, or be asked for like any fragment', async () => {
  expect(await fragmentsOf({ kernel: { modules: 'keep' } })).toEqual([
    'hardening.config?',
    'cgroup-v2.config',
    'lxc.config',
  ]);
  expect(await fragmentsOf({ hardening: 'off' })).toEqual(['cgroup-v2.config', 'lxc.config']);
  expect(await fragmentsOf({ kernel: { fragments: ['lxc', 'hardening'] } })).toEqual([
    'hardening-without-modules.config?',
    'cgroup-v2.config',
    'lxc.config',
    'hardening.config',
  ]);
});

test('the derived fragment keeps its place behind hardening', async () => {
  const spec = boardKernel(await sampleBuild(scratchDir(), { kernel: { fragments: ['lxc', 'derived'] } }));
  expect(spec.fragments.map(({ shownAs }) => shownAs.replace(/^.*\//, ''))).toEqual([
    'hardening.config',
    'hardening-without-modules.config',
    'lxc.config',
  ]);
  expect(spec.derivedAt).toBe(3);
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
