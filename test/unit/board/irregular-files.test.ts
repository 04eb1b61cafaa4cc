import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { loadProfile } from '../../../toolkit/board/load-profile.ts';
import { readBase } from '../../../toolkit/kconfig/read-base.ts';
import { readFragments } from '../../../toolkit/kconfig/read-fragment.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

/** The first lines of the problems of a profile beside which a FIFO `pipe` and a file `long` of 17 MB lie. */
async function problems(profile: string): Promise<string[]> {
  const dir = scratchDir();
  execFileSync('mkfifo', [join(dir, 'pipe')]);
  writeFileSync(join(dir, 'long'), '');
  truncateSync(join(dir, 'long'), 17 << 20);
  writeFiles(dir, { 'b.yaml': profile });
  try {
    await loadProfile(join(dir, 'b.yaml'), {
      shippedBoardsDir: join(dir, 'shipped'),
      displayPath: (file) => relative(dir, file),
    });
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    return error.diagnostics.map((one) => formatDiagnostic(one).split('\n')[0] ?? '');
  }
  return [];
}

const HEAD = 'schema: 1\nname: b\n';
const KERNEL = `${HEAD}kernel: { defconfig: allnoconfig }\n`;
const HASH = 'a'.repeat(64);

test.each([
  ['kernel.defconfig', `${HEAD}kernel: { defconfig: ./pipe }`, '3:22'],
  ['kernel.fragments[0]', `${HEAD}kernel: { defconfig: allnoconfig, fragments: [./pipe] }`, '3:47'],
  [
    'kernel.sources[0].path',
    `${HEAD}kernel: { defconfig: allnoconfig, sources: [{ path: ./pipe }] }`,
    '3:53',
  ],
  ['busybox.config', `${KERNEL}busybox: { config: ./pipe }`, '4:20'],
  ['busybox.fragments[0]', `${KERNEL}busybox: { fragments: [./pipe] }`, '4:24'],
  ['lxc.sources[0].path', `${KERNEL}lxc: { sources: [{ path: ./pipe, sha256: ${HASH} }] }`, '4:26'],
  ['toolchain.directory', `${KERNEL}toolchain: { directory: ./pipe }`, '4:25'],
  ['rootfs.files[0].source', `${KERNEL}rootfs: { files: [{ source: ./pipe, path: /x }] }`, '4:29'],
  [
    'emulator.kernel.defconfig',
    `${KERNEL}emulator: { machine: malta, kernel: { defconfig: ./pipe } }`,
    '4:50',
  ],
  ['containers[0]', `${KERNEL}containers: [./pipe]`, '4:14'],
  [
    'containers[0].rootfs.from.tar',
    `${KERNEL}containers: [{ name: c, rootfs: { from: { tar: ./pipe } } }]`,
    '4:48',
  ],
])('a FIFO as %s is refused without being opened', async (key, profile, place) => {
  expect(await problems(profile)).toContain(
    `b.yaml:${place} ${key} is "./pipe", which is a FIFO, not a regular file`,
  );
});

test('a device, and a text that is too long', async () => {
  expect(await problems(`${HEAD}kernel: { defconfig: /dev/zero, fragments: [./long] }`)).toEqual([
    'b.yaml:3:22 kernel.defconfig is "/dev/zero", which is a character device, not a regular file',
    'b.yaml:3:45 kernel.fragments[0] is "./long", which is 17.0 MB long; 16 MB is the limit',
  ]);
  expect(await problems(`${KERNEL}rootfs: { overlays: [./pipe] }`)).toEqual([
    'b.yaml:4:22 rootfs.overlays[0] is "./pipe", which must be a folder but is a FIFO',
  ]);
});

test('a file of the rootfs may be as long as it likes', async () => {
  expect(
    await problems(`${KERNEL}rootfs: { files: [{ path: /x, type: file, mode: "0644", source: ./long }] }`),
  ).toEqual([]);
});

test('fragments and whole configurations are read only where they are regular', () => {
  const zero = { file: '/dev/zero', shownAs: 'zero.config' };
  expect(readFragments([zero]).problems).toEqual([
    { message: 'the fragment zero.config is a character device, not a regular file' },
  ]);
  expect(readBase(zero, { program: 'Linux', kernelArch: 'mips' }).problems).toEqual([
    { message: 'the configuration zero.config is a character device, not a regular file' },
  ]);
});
