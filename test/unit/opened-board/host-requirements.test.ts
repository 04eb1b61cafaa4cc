import { describe, expect, test } from 'vitest';
import {
  hostRequirements,
  packagesOf,
  toolsOfSteps,
} from '../../../toolkit/opened-board/host-requirements.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

type Plain = Readonly<Record<string, unknown>>;

/** The names of the tools that a board needs for its build, beside those that the sample board needs. */
async function more(changes: Plain, overrides: ReadonlyMap<string, string> = new Map()): Promise<string[]> {
  const names = async (board: Plain, given: ReadonlyMap<string, string>): Promise<string[]> => {
    const build = await sampleBuild(scratchDir(), board, { overrides: given });
    return hostRequirements(build).build.map(({ name }) => name);
  };
  const sample = await names({ lxc: { sources: [{ debian: 'lxc' }] } }, new Map());
  return [...new Set(await names({ lxc: { sources: [{ debian: 'lxc' }] }, ...changes }, overrides))]
    .filter((name) => !sample.includes(name))
    .sort();
}

describe('the tools that a build needs', () => {
  test('include those of its images, and of the images of its containers', async () => {
    expect(await more({ images: ['squashfs'] })).toContain('mksquashfs');
    expect(await more({ images: ['ext4'] })).toEqual(expect.arrayContaining(['debugfs', 'mke2fs']));
    const container = {
      name: 'web',
      kind: 'system',
      rootfs: { path: '/opt/lxc/web', from: 'busybox', image: 'squashfs' },
    };
    expect(await more({ containers: [container] })).toContain('mksquashfs');
    expect(await more({})).toEqual([]);
  });

  test('include those of its kernel', async () => {
    expect(await more({ kernel: { image: 'uImage.gz' } })).toEqual(['gzip', 'mkimage']);
    expect(await more({ kernel: { image: 'uImage.bin' } })).toEqual(['mkimage']);
    expect(await more({ kernel: { modules: 'keep' } })).toContain('depmod');
  });

  test('include its launcher, where the profile names one', async () => {
    expect(await more({ toolchain: { launcher: 'ccache' } })).toEqual(['ccache']);
    expect(await more({ toolchain: { launcher: 'none' } })).toEqual([]);
  });

  test('fit the release of LXC that it compiles', async () => {
    const from = (name: string): Promise<string[]> => more({}, new Map([['lxc', `/srv/${name}`]]));
    const [meson, autotools, either] = await Promise.all(
      ['lxc-6.0.4.tar.gz', 'lxc-4.0.12.tar.gz', 'vendor.tar.gz'].map(from),
    );
    expect(meson).toContain('meson');
    expect(meson).not.toContain('autoconf');
    expect(autotools).toContain('autoconf');
    expect(autotools).not.toContain('meson');
    expect(either).toEqual(expect.arrayContaining(['autoconf', 'meson']));
  });

  test('a compiler is asked for where it is Debian’s', async () => {
    const own = await sampleBuild(scratchDir(), { toolchain: { prefix: 'mipsel-vendor-linux-gnu-' } });
    const names = (build: typeof own): string[] => hostRequirements(build).build.map(({ name }) => name);
    expect(names(await sampleBuild(scratchDir()))).toContain('mipsel-linux-gnu-gcc');
    expect(names(own).filter((name) => name.includes('gcc') && name.startsWith('mipsel'))).toEqual([]);
  });
});

describe('a run of some steps takes only their tools', () => {
  const board = {
    images: ['squashfs'],
    kernel: { image: 'uImage.gz', modules: 'keep' },
    lxc: { sources: [{ path: './lxc-6.0.4.tar.gz' }] },
  };

  test.each([
    {
      ids: ['fetch-kernel', 'configure-kernel'],
      with: ['bison', 'tar'],
      without: ['bc', 'mkimage', 'meson'],
    },
    { ids: ['configure-kernel', 'build-kernel'], with: ['bc', 'mkimage', 'depmod'], without: ['meson'] },
    { ids: ['build-busybox'], with: ['bc'], without: ['mkimage', 'depmod', 'meson', 'mksquashfs'] },
    { ids: ['build-libcap'], with: ['meson'], without: ['mksquashfs', 'mkimage'] },
    { ids: ['build-lxc', 'pack-squashfs'], with: ['meson', 'mksquashfs'], without: ['mkimage'] },
    { ids: ['pack-container-images'], with: ['mksquashfs'], without: ['meson'] },
  ])('$ids', async ({ ids, with: taken, without }) => {
    const build = await sampleBuild(scratchDir(), board);
    const names = toolsOfSteps(hostRequirements(build), ids).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(taken));
    expect(names.filter((name) => without.includes(name))).toEqual([]);
  });
});

test('packages are listed once, in order', () => {
  const tool = (name: string, debianPackage: string) => ({ name, debianPackage, neededFor: 'it' });
  expect(packagesOf([tool('mke2fs', 'e2fsprogs'), tool('bc', 'bc'), tool('debugfs', 'e2fsprogs')])).toEqual([
    'bc',
    'e2fsprogs',
  ]);
});
