import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CliResult } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { leftovers, message, printed, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.write(
    'boards/vendor.config',
    '# Of the vendor.\nCONFIG_CPUSETS=y\nCONFIG_CGROUPS=y\nCONFIG_BPF_SYSCALL=y\n',
  );
  project.writeBoard('box', { kernel: { fragments: ['./vendor.config'] } });
});

const explain = (...args: string[]): Promise<CliResult> =>
  project.run(['kconfig', 'explain', '--board', 'box', ...args]);

/** The output of explain for one symbol; fails the test when the command fails. */
async function explained(...args: string[]): Promise<string> {
  const result = await explain(...args);
  expect(result.exitCode, result.stderr).toBe(0);
  return printed(project, result.stdout);
}

describe('explain', () => {
  test('gives the chain from a lost symbol to what can be set', async () => {
    await expect(await explained('CPUSETS')).toMatchFileSnapshot('printed/kconfig-explain-lost.txt');
  });

  test('says who asked for a symbol that is set', async () => {
    await expect(await explained('CONFIG_CGROUPS')).toMatchFileSnapshot('printed/kconfig-explain-set.txt');
    await expect(await explained('PACKET')).toMatchFileSnapshot('printed/kconfig-explain-defconfig.txt');
  });

  test('says who selects a symbol that was not requested', async () => {
    await expect(await explained('BPF')).toMatchFileSnapshot('printed/kconfig-explain-selected.txt');
  });

  test('says what default a symbol has, and which member its choice', async () => {
    await expect(await explained('HZ')).toMatchFileSnapshot('printed/kconfig-explain-number.txt');
    await expect(await explained('BMIPS_GENERIC')).toMatchFileSnapshot('printed/kconfig-explain-choice.txt');
  });

  test('gives the name that a symbol has in this release, and explains that', async () => {
    await expect(await explained('CGROUP_MEM_RES_CTLR')).toMatchFileSnapshot(
      'printed/kconfig-explain-renamed.txt',
    );
    expect(await explained('CONFIG_DEVPTS_MULTIPLE_INSTANCES')).toBe(
      'CONFIG_DEVPTS_MULTIPLE_INSTANCES: kernel 6.1.999 has no such symbol; leave it out (since Linux 4.7: every mount of devpts is a separate instance)\n',
    );
    const json: unknown = JSON.parse(await explained('CGROUP_MEM_RES_CTLR', '--json'));
    expect(json).toMatchObject({
      symbol: 'CGROUP_MEM_RES_CTLR',
      inTree: false,
      instead: ['CONFIG_MEMCG'],
      explanations: [{ symbol: 'MEMCG', value: 'y' }],
    });
  });

  test('says what stands in the way of another machine', async () => {
    await expect(await explained('CPU_BMIPS')).toMatchFileSnapshot('printed/kconfig-explain-machine.txt');
  });

  test('gives the same as JSON', async () => {
    await expect(await explained('CPUSETS', '--json')).toMatchFileSnapshot('printed/kconfig-explain.json');
  });

  test('looks at BusyBox with --busybox', async () => {
    await expect(await explained('PIE', '--busybox')).toMatchFileSnapshot(
      'printed/kconfig-explain-busybox.txt',
    );
  });

  test('leaves nothing behind, and the trees as they are', async () => {
    await explained('CPUSETS');
    expect(leftovers(project, 'box')).toEqual([]);
    expect(project.listOut('box').filter((path) => path.startsWith('work/'))).toEqual([]);
    expect(project.changedSources()).toEqual([]);
  });
});

describe('explain refuses', () => {
  const refused = async (...args: string[]): Promise<string> => {
    const result = await explain(...args);
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe('');
    return message(project, result);
  };

  test('a symbol that the tree does not have, with the one that was meant', async () => {
    await expect(await refused('CPUSET')).toMatchFileSnapshot('printed/kconfig-explain-unknown.txt');
    await expect(await refused('QWERTYUIOP')).toMatchFileSnapshot('printed/kconfig-explain-nonsense.txt');
    expect(await refused('')).toContain('no such symbol');
  });

  test('--emulator for a board without such a kernel', async () => {
    await expect(await refused('CPUSETS', '--emulator')).toMatchFileSnapshot(
      'printed/kconfig-no-emulator.txt',
    );
  });

  test('--emulator together with --busybox', async () => {
    expect(await refused('CPUSETS', '--emulator', '--busybox')).toContain('cannot be used with');
  });

  test('more than one symbol, and none', async () => {
    expect(await refused('CPUSETS', 'SMP')).toContain('too many arguments');
    expect(await refused()).toContain("missing required argument 'symbol'");
  });
});

describe('Kconfig files that are not as they should be', () => {
  /** Explains CPUSETS in a tree whose Kconfig files were changed; conf itself sees them as they were. */
  async function inBrokenTree(kconfig: (text: string) => string): Promise<CliResult> {
    const broken = await create();
    broken.write('boards/vendor.config', 'CONFIG_CPUSETS=y\nCONFIG_CGROUPS=y\n');
    broken.writeBoard('box', { kernel: { fragments: ['./vendor.config'] } });
    await broken.changeSource('kernel', (dir) => {
      const file = join(dir, 'Kconfig');
      const text = broken.read('sources/kernel/Kconfig');
      writeFileSync(join(dir, 'Kconfig.conf'), text);
      const changed = kconfig(text);
      if (changed === '') rmSync(file);
      else writeFileSync(file, changed);
      const run = 'sources/kernel/scripts/kconfig/run-conf.sh';
      broken.write(run, broken.read(run).replace('$srctree/Kconfig', '$srctree/Kconfig.conf'));
    });
    return broken.run(['kconfig', 'explain', '--board', 'box', 'CPUSETS']);
  }

  test.each([
    ['a source that is missing', 'source "drivers/none/Kconfig"\n'],
    ['files that source themselves', 'source "Kconfig"\n'],
    [
      'files that source themselves by a variable',
      'SELF := $(srctree)/../kernel/Kconfig\nsource "./$(SHELL)Kconfig"\n',
    ],
    [
      'a dependency loop',
      'config LOOP_A\n\tbool "a"\n\tdepends on LOOP_B\nconfig LOOP_B\n\tbool "b"\n\tdepends on LOOP_A\n',
    ],
    [
      'a macro that calls itself',
      'loop = $(loop,$(1)$(1))$(loop,$(1))\nconfig LOOP\n\tstring\n\tdefault "$(loop,a)"\n',
    ],
    ['lines that are none', '<<<<<<< ours\nfrobnicate\n\0\0\0\n>>>>>>> theirs\n'],
    ['a menu that is not closed', 'menu "open"\n'],
  ])('%s: the symbol is explained, and the problem reported', async (name, lines) => {
    const { exitCode, stdout, stderr } = await inBrokenTree((text) => text + lines);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain('CPUSETS is n: depends on SMP (n) and CGROUPS (y)\n');
    if (!/loop|macro/.test(name)) expect(stderr).toMatch(/could not be read, the first:\n {2}Kconfig:\d+ /);
  });

  test('ten megabytes', async () => {
    const more = Array.from(
      { length: 150_000 },
      (_, index) =>
        `config MORE_${index}\n\tbool "Prompt of MORE_${index}"\n\tdepends on MORE_${index + 1}\n\n`,
    ).join('');
    expect(more.length).toBeGreaterThan(10_000_000);
    const { exitCode, stdout, stderr } = await inBrokenTree((text) => text + more);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain('CPUSETS is n: depends on SMP (n) and CGROUPS (y)\n');
  });

  test('a tree without a Kconfig file', async () => {
    const result = await inBrokenTree(() => '');
    expect(result.exitCode).toBe(4);
    expect(result.stderr).toMatch(/^error: .*kernel has no Kconfig that can be read \[STEP_FAILED\]$/m);
  });

  test('a Kconfig file with nothing in it', async () => {
    const result = await inBrokenTree(() => '# nothing\n');
    expect(result.stderr).toMatch(/has no Kconfig that can be read/);
  });
});

test('a tree of before Linux 2.6.37, whose top file is that of the architecture', async () => {
  const old = await create();
  old.write('boards/vendor.config', 'CONFIG_CPUSETS=y\nCONFIG_CGROUPS=y\n');
  old.writeBoard('box', { kernel: { fragments: ['./vendor.config'] } });
  await old.changeSource('kernel', (dir) => {
    old.write('sources/kernel/arch/mips/Kconfig', old.read('sources/kernel/Kconfig'));
    rmSync(join(dir, 'Kconfig'));
    const run = 'sources/kernel/scripts/kconfig/run-conf.sh';
    old.write(run, old.read(run).replace('$srctree/Kconfig', '$srctree/arch/mips/Kconfig'));
  });
  const { exitCode, stdout, stderr } = await old.run(['kconfig', 'explain', '--board', 'box', 'CPUSETS']);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('CPUSETS is n: depends on SMP (n) and CGROUPS (y)\n');
  expect(stdout).toContain('defined at: arch/mips/Kconfig:');
});
