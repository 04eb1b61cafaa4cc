import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeElf, type ElfOptions } from '../rigs/make-elf.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { tarOf } from '../unit/sources/archives.ts';
import { buildWell, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

const R6: ElfOptions = { kind: 'static', flags: 0x9000_1407 };
const NAN_2008: ElfOptions = { kind: 'static', flags: 0x7000_1407 };

/** Puts a program or a script below boards/. */
function put(path: string, content: ElfOptions | string): void {
  const file = join(project.dir, 'boards', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : makeElf(content));
  chmodSync(file, 0o755);
}

/** Builds a board that has these lines beside those of `fake`; what is printed from the error on. */
async function refusal(lines: string): Promise<{ exitCode: number | undefined; said: string }> {
  project.write('boards/asked.yaml', `schema: 1\nname: asked\nextends: [fake.yaml]\n${lines}`);
  const { exitCode, stderr } = await project.run(['build', '--board', 'asked', '--log-format', 'plain']);
  const from = stderr.search(/^error: /m);
  return { exitCode, said: from < 0 ? stderr : stderr.slice(from) };
}

beforeAll(async () => {
  project = await create();
  await buildWell(project);
});

describe('programs that a container starts', () => {
  test('a program without its dynamic linker is shown where the container names it', async () => {
    put('dyn/usr/bin/app', { kind: 'exec', interp: '/lib/ld-uClibc.so.0', needed: ['libc.so.0'] });
    // The device has both, the container neither.
    put('dyn/lib/ld-uClibc.so.0', { kind: 'shared', soname: 'ld-uClibc.so.0' });
    put('dyn/lib/libc.so.0', { kind: 'shared', soname: 'libc.so.0' });
    const { exitCode, said } = await refusal(
      'rootfs: { overlays: [./dyn] }\ncontainers:\n  - name: c1\n    command: [/usr/bin/app]\n    bind: [/usr/bin/app]\n',
    );
    expect(exitCode).toBe(2);
    expect(said).toContain(
      [
        'boards/asked.yaml:7:15 c1 starts /usr/bin/app, whose dynamic linker /lib/ld-uClibc.so.0 is not in c1',
        '        command: [/usr/bin/app]',
        '                  ~~~~~~~~~~~~',
        '  help: add /lib to its bind',
        '1 problem found',
      ].join('\n'),
    );
  });

  test('a bind with noexec over a program', async () => {
    put('tools/opt/tools/run.sh', '#!/bin/sh\nexit 0\n');
    const board = (command: string): string =>
      `rootfs: { overlays: [./tools] }\ncontainers:\n  - name: c1\n    command: [${command}]\n    bind: [/bin, { from: /opt/tools, options: [ro, noexec] }]\n`;
    const { exitCode, said } = await refusal(board('/opt/tools/run.sh'));
    expect(exitCode).toBe(2);
    expect(said).toContain(
      'boards/asked.yaml:7:15 c1 starts /opt/tools/run.sh, which is in /opt/tools, mounted with noexec: the kernel refuses to execute it\n',
    );
    expect((await refusal(board('/bin/sh, /opt/tools/run.sh'))).exitCode).toBe(0);
  });

  test('a hook of the device in a raw line', async () => {
    put('hooks/opt/hook', '#!/usr/bin/perl\n');
    const { exitCode, said } = await refusal(
      'rootfs: { overlays: [./hooks] }\ncontainers:\n  - name: c1\n    command: [/bin/sh]\n    bind: [/bin]\n    raw:\n      - lxc.hook.post-stop = /opt/hook\n',
    );
    expect(exitCode).toBe(2);
    expect(said).toContain(
      'boards/asked.yaml:10:9 the post-stop hook of c1 starts /opt/hook, whose interpreter /usr/bin/perl is not in the root filesystem\n',
    );
  });

  test('a program that an overlay puts into the root filesystem of the container', async () => {
    put('inner/var/lib/lxc/c1/rootfs/usr/bin/app', { kind: 'static' });
    for (const from of ['bind', 'busybox', '{ directory: ./dir }']) {
      put('dir/etc/hello', 'hello\n');
      const board = (command: string): string =>
        `rootfs: { overlays: [./inner] }\ncontainers:\n  - name: c1\n    rootfs: { path: /var/lib/lxc/c1/rootfs, from: ${from} }\n    command: [${command}]\n`;
      expect(await refusal(board('/usr/bin/app')), from).toMatchObject({ exitCode: 0 });
      const { exitCode, said } = await refusal(board('/usr/bin/app2'));
      expect(exitCode).toBe(2);
      expect(said).toContain('boards/asked.yaml:8:15 c1 runs /usr/bin/app2, which is not in it\n');
    }
  });
});

describe.each([
  ['release 6', R6, "its instruction set is mips32r6, the board's is mips32r2"],
  ['NaN of 2008', NAN_2008, "its NaN encoding is 2008, the board's is legacy"],
])('a program for %s', (_, options, why) => {
  test('in the tar of a container, and in its directory', async () => {
    writeFileSync(
      join(project.dir, 'boards/app.tar'),
      tarOf([{ path: 'app', body: makeElf(options), mode: 0o755 }]),
    );
    put('root/app', options);
    for (const [kind, from] of [
      ['tar', './app.tar'],
      ['directory', './root'],
    ] as const) {
      const { exitCode, said } = await refusal(
        `containers:\n  - name: c1\n    rootfs: { from: { ${kind}: ${from} } }\n    command: [/app]\n`,
      );
      expect(exitCode).toBe(2);
      expect(said).toContain(`boards/asked.yaml:6:15 /opt/lxc/c1/app does not run on the board: ${why}\n`);
    }
  });

  test("in the device's own /usr/bin", async () => {
    put('device/usr/bin/tool', options);
    const { exitCode, said } = await refusal('rootfs: { overlays: [./device] }\n');
    expect(exitCode).toBe(4);
    expect(said).toContain(`/usr/bin/tool does not run on the board: ${why}\n`);
  });
});
