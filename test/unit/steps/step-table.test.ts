import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../toolkit/engine/step.ts';
import type { Build } from '../../../toolkit/opened-board/build.ts';
import { createSteps } from '../../../toolkit/steps/index.ts';
import { inputsOf, resultsOf, sampleBuild, stepsOf } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

const container = (changes: object): object => ({
  name: 'web',
  kind: 'application',
  rootfs: { path: '/opt/lxc/web', from: 'bind' },
  command: ['/bin/sh'],
  bind: ['/bin/sh', '/bin/busybox'],
  ...changes,
});

/** Boards that differ in which steps there are, and in how they hang together. */
const BOARDS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  plain: {},
  modules: { kernel: { modules: 'keep' }, images: ['tar.gz', 'squashfs', 'ext4'] },
  emulated: { emulator: { kernel: { defconfig: 'malta_defconfig', fragments: ['malta'] } } },
  networked: {
    bridges: [{ name: 'lxcbr0', ipv4: '10.0.3.1/24', nat: true }],
    lxc: { features: ['seccomp'] },
  },
  release6: { toolchain: { cflags: ['-march=mips32r6'] } },
  images: {
    containers: [
      container({
        kind: 'system',
        rootfs: { path: '/opt/lxc/web', from: 'busybox', image: 'squashfs' },
        bind: [],
      }),
    ],
  },
};

/** A step in a few lines: what it waits for, how it runs, and what decides its result. */
async function describeStep(build: Build, step: Step): Promise<string> {
  const results = resultsOf(build);
  const ids = (name: string, steps: readonly Step[] = []): string[] =>
    steps.length === 0 ? [] : [`  ${name} ${steps.map(({ id }) => id).join(' ')}`];
  const { settings, files = {} } = await inputsOf(step, results);
  const labels = [
    ...new Set(Object.keys(files).map((label) => label.replace(/^(rootfs-skeleton)\/.*/, '$1/…'))),
  ];
  return [
    `${step.id} (${step.weight}${step.shared === true ? `, shared${step.sharedAs ? ` as ${step.sharedAs.id}` : ''}` : ''}${step.workKey ? ', keeps its work' : ''})`,
    ...ids('needs', step.needs),
    ...ids('after', step.after),
    ...ids('gates', step.gates),
    `  settings ${Object.keys(settings).join(' ')}`,
    ...(labels.length === 0 ? [] : [`  files ${labels.join(', ')}`]),
  ].join('\n');
}

describe.each(Object.entries(BOARDS))('the steps of the board %s', (name, changes) => {
  test('need, follow and are held back by what the table says', async () => {
    const build = await sampleBuild(scratchDir(), changes);
    const { all } = createSteps(build);
    const table = await Promise.all(all.map((step) => describeStep(build, step)));
    await expect(`${table.join('\n')}\n`).toMatchFileSnapshot(`expected/${name}.txt`);
  });

  test('have names of their own, and are all in the list', async () => {
    const build = await sampleBuild(scratchDir(), changes);
    const { all } = createSteps(build);
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const step of all)
      for (const other of [...step.needs, ...(step.after ?? []), ...(step.gates ?? [])])
        expect(all, `${step.id} waits for ${other.id}`).toContain(other);
  });

  test('have no absolute path among their settings', async () => {
    const dir = scratchDir();
    const build = await sampleBuild(dir, changes);
    for (const step of createSteps(build).all)
      expect(JSON.stringify((await inputsOf(step, resultsOf(build))).settings), step.id).not.toContain(dir);
  });
});

test.each<[string, object, string?]>([
  ['a flag', { toolchain: { cflags: ['-march=mips64r6'] } }],
  ['a symbol', { kernel: { config: { CONFIG_CPU_MIPS32_R6: 'y' } } }],
  ['the command line', { kernel: { config: { CONFIG_CMDLINE: 'quiet ieee754=relaxed' } } }],
  ['a fragment', { kernel: { fragments: ['lxc', './six.config'] } }, 'CONFIG_MIPSR2_TO_R6_EMULATOR=y\n'],
])('%s can let the kernel decide which programs run', async (_, changes, fragment = '') => {
  const dir = scratchDir();
  mkdirSync(join(dir, 'boards'));
  writeFileSync(join(dir, 'boards', 'six.config'), fragment);
  const assemble = (build: Build): Step => stepsOf(build).get('assemble-rootfs')!;
  const after = async (some: object) =>
    assemble(await sampleBuild(dir, some as Readonly<Record<string, unknown>>)).after?.map(({ id }) => id);
  expect(await after(changes)).toEqual(['configure-kernel']);
  expect(await after({ kernel: { config: { CONFIG_CMDLINE: 'quiet' } } })).toBeUndefined();
});

test('nothing is compiled before versions and configurations are known to be right', async () => {
  const { all } = createSteps(
    await sampleBuild(scratchDir(), { ...BOARDS['emulated'], ...BOARDS['networked'] }),
  );
  const gates = ['check-versions', 'configure-kernel', 'configure-emulator-kernel', 'configure-busybox'];
  const compiled = all.filter(({ weight }) => weight === 'compile');
  expect(compiled.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'build-kernel',
      'build-emulator-kernel',
      'build-busybox',
      'build-libcap',
      'build-lxc',
    ]),
  );
  for (const step of compiled)
    expect(
      step.gates?.map(({ id }) => id),
      step.id,
    ).toEqual(gates);
});

/** A change, and the steps whose inputs it changes: these run again, and what needs them if they give something else. */
const CHANGES: readonly (readonly [
  what: string,
  changes: object | Partial<Build>,
  steps: readonly string[],
  of?: 'build',
])[] = [
  ['the compiler’s flags', { toolchain: { cflags: ['-O2'] } }, ['check-toolchain']],
  ['the kernel’s defconfig', { kernel: { defconfig: 'bmips_stb_defconfig' } }, ['configure-kernel']],
  ['a symbol of the kernel', { kernel: { config: { CONFIG_VETH: 'y' } } }, ['configure-kernel']],
  ['a symbol that must be set', { kernel: { require: ['CONFIG_VETH'] } }, ['configure-kernel']],
  ['the kernel’s image', { kernel: { image: 'uImage.gz' } }, ['build-kernel']],
  ['the kernel’s fragments', { kernel: { fragments: ['lxc', 'malta'] } }, ['configure-kernel']],
  ['BusyBox’ fragments', { busybox: { fragments: ['static'] } }, ['configure-busybox']],
  ['the name of the host', { rootfs: { hostname: 'stb' } }, ['lay-out-rootfs']],
  [
    'a file of the profile',
    { rootfs: { files: [{ path: '/dev/x', type: 'char', dev: '5:1', mode: '0600' }] } },
    ['lay-out-rootfs'],
  ],
  [
    'where LXC lies',
    { lxc: { prefix: '/opt/lxc' } },
    ['build-lxc', 'check-versions', 'emit-containers', 'lay-out-rootfs'],
  ],
  [
    'a container’s command',
    { containers: [container({ command: ['/bin/ls'] })] },
    ['assemble-rootfs', 'check-versions', 'emit-containers'],
  ],
  [
    'a source of LXC',
    {
      lxc: {
        sources: [{ url: 'https://example.org/lxc-5.0.3.tar.gz', version: '5.0.3', sha256: 'a'.repeat(64) }],
      },
    },
    ['fetch-lxc'],
  ],
  ['the sources of the kernel', { kernel: { sources: [{ debian: 'linux-source-6.12' }] } }, ['fetch-kernel']],
  ['the time of the images', { epochSeconds: 1 }, ['build-busybox', 'build-kernel', 'pack-cpio.gz'], 'build'],
  [
    'the out directory and the store',
    { outDir: '/elsewhere/out', storeDir: '/elsewhere/store' },
    [],
    'build',
  ],
  ['the launcher', { launcher: { name: 'ccache', program: '/usr/bin/ccache' } }, [], 'build'],
  ['--offline', { offline: true }, [], 'build'],
];

test.each(CHANGES)(
  '%s changes the inputs of its steps and of no other',
  async (_what, changes, steps, of) => {
    const [before, now] = [scratchDir(), scratchDir()];
    const first = await sampleBuild(before);
    const second =
      of === 'build'
        ? await sampleBuild(now, {}, changes as Partial<Build>)
        : await sampleBuild(now, changes as Record<string, unknown>);
    // The flags in the result of the toolchain step are no input of the others.
    const results = resultsOf(first);
    const changed = [];
    for (const [id, step] of stepsOf(second)) {
      const other = stepsOf(first).get(id);
      if (other === undefined) throw new Error(`${id} is new`);
      const [was, is] = [await inputsOf(other, results), await inputsOf(step, results)];
      if (JSON.stringify(was) !== JSON.stringify(is)) changed.push(id);
    }
    expect(changed.sort()).toEqual(steps);
  },
);

test('the bytes of a fragment, an overlay and a file of the profile are inputs', async () => {
  const dir = scratchDir();
  const files = { 'more.config': 'CONFIG_VETH=y\n', 'file.txt': 'one\n' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const build = await sampleBuild(dir, {
    kernel: { fragments: ['lxc', '../more.config'] },
    rootfs: { files: [{ path: '/etc/file', type: 'file', mode: '0644', source: '../file.txt' }] },
  });
  const results = resultsOf(build);
  const changedBy = async (name: string): Promise<string[]> => {
    const all = [...stepsOf(build)];
    const before = await Promise.all(all.map(([, step]) => inputsOf(step, results)));
    writeFileSync(join(dir, name), '# changed\n');
    const now = await Promise.all(all.map(([, step]) => inputsOf(step, results)));
    return all.flatMap(([id], index) =>
      JSON.stringify(before[index]) === JSON.stringify(now[index]) ? [] : [id],
    );
  };
  expect(await changedBy('more.config')).toEqual(['configure-kernel']);
  expect(await changedBy('file.txt')).toEqual(['lay-out-rootfs']);
});
