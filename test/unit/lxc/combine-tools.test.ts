import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { combineTools } from '../../../toolkit/lxc/combine-tools.ts';
import { buildRequest } from './build-request.ts';

let dir: string;
let commands: (readonly string[])[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lxc-kit-combine-'));
  commands = [];
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), path);
  }
}

async function combine(): Promise<void> {
  const request = buildRequest('4.0.12', {
    workDir: join(dir, 'work'),
    installDir: join(dir, 'target'),
    stagingDir: join(dir, 'staging'),
    run: (argv) => {
      commands.push(argv);
      return Promise.resolve();
    },
  });
  await combineTools(request, { objectsDir: join(dir, 'objects'), library: join(dir, 'liblxc.so.1') });
}

const linkLine = (): readonly string[] => commands.at(-1) ?? [];
const installed = (name: string): string => join(dir, 'target/usr/bin', name);

test('the tools become one program, whatever built them', async () => {
  write('target/usr/bin/lxc-start', 'target/usr/bin/lxc-ls', 'target/usr/bin/lxc-checkconfig');
  write('objects/tools/lxc_start.o', 'objects/tools/lxc-ls.p/lxc_ls.c.o', 'objects/tools/arguments.o');
  write('staging/usr/lib/libcap.so', 'staging/usr/lib/libcap.so.2');
  await combine();
  expect(commands.slice(0, -1).map(([tool, , renamed]) => [tool, renamed])).toEqual([
    ['/opt/vendor/bin/mipsel-linux-objcopy', 'main=lxc_ls_main'],
    ['/opt/vendor/bin/mipsel-linux-objcopy', 'main=lxc_start_main'],
  ]);
  expect(linkLine()).toEqual(
    expect.arrayContaining([
      '/opt/vendor/bin/mipsel-linux-gcc',
      '-march=mips32r2',
      join(dir, 'objects/tools/arguments.o'),
      join(dir, 'liblxc.so.1'),
      '-lcap',
      installed('lxc'),
    ]),
  );
  expect(readlinkSync(installed('lxc-start'))).toBe('lxc');
  expect(readlinkSync(installed('lxc-ls'))).toBe('lxc');
  expect(lstatSync(installed('lxc-checkconfig')).isFile()).toBe(true);
  const source = readFileSync(join(dir, 'work/lxc-program/lxc.c'), 'utf8');
  expect(source).toContain('{ "lxc-start", lxc_start_main }');
  expect(source).not.toContain('checkconfig');
});

test('links an object that several tools share once, and no object of other programs', async () => {
  write('target/usr/bin/lxc-start', 'target/usr/bin/lxc-ls');
  write('objects/tools/lxc-ls.p/lxc_ls.c.o', 'objects/tools/lxc-ls.p/arguments.c.o');
  write('objects/tools/lxc-start.p/lxc_start.c.o', 'objects/tools/lxc-start.p/arguments.c.o');
  write('objects/tests/arguments.c.o', 'staging/usr/lib/libcap.so');
  await combine();
  expect(linkLine().filter((word) => word.endsWith('/arguments.c.o'))).toEqual([
    join(dir, 'objects/tools/lxc-start.p/arguments.c.o'),
  ]);
});

test('a release that has one program of all tools keeps it', async () => {
  write('target/usr/bin/lxc', 'target/usr/bin/lxc-usernsexec', 'objects/cmd/lxc_usernsexec.c.o');
  await combine();
  expect(commands).toEqual([]);
  expect(readFileSync(installed('lxc'), 'utf8')).toBe('target/usr/bin/lxc');
});

test('tools whose objects are nowhere stay as they are', async () => {
  write('target/usr/bin/lxc-start', 'objects/af_unix.o');
  await combine();
  expect(commands).toEqual([]);
  expect(readFileSync(installed('lxc-start'), 'utf8')).toBe('target/usr/bin/lxc-start');
});
