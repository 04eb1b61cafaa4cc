import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeElf } from '../rigs/make-elf.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { build, buildWell, listTar, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;

const KEYS = ['A', 'B'].map(
  (letter) =>
    `ssh-ed25519 ${Buffer.concat([
      ...['ssh-ed25519', letter.repeat(32)].flatMap((text) => [
        Buffer.from([0, 0, 0, text.length]),
        Buffer.from(text),
      ]),
    ]).toString('base64')} me@there`,
);

beforeAll(async () => {
  project = await create();
  // A tree of dropbear whose configure keeps its words, and whose make hands out a program.
  project.write('boards/dropbear/src/sysoptions.h', '#define DROPBEAR_VERSION "2025.89"\n');
  project.write('boards/dropbear/configure', '#!/bin/sh\nprintf "%s\\n" "$@" > words\n');
  project.write(
    'boards/dropbear/Makefile',
    'all:\n\ttest "$(PROGRAMS) $(MULTI)" = "dropbear dropbearkey 1"\n\tcp program.elf dropbearmulti\n\techo options; cat localoptions.h words\n',
  );
  const program = join(project.dir, 'boards/dropbear/program.elf');
  writeFileSync(program, makeElf({ kind: 'exec', needed: ['libc.so.6'] }));
  chmodSync(program, 0o755);
  for (const [index, key] of KEYS.entries()) project.write(`boards/${index}.pub`, `${key}\n`);
});

const SOURCES = { dropbear: { sources: [{ path: './dropbear' }] }, login: 'none', images: ['tar.gz'] };

const read = (board: string, path: string): string => readFromTar(project, path, board).toString();

describe('a board with ssh', () => {
  test('has dropbear, its start script and the keys, and no host key', async () => {
    project.writeBoard('ssh', {
      ...SOURCES,
      ssh: { keys: ['./0.pub'], port: 2222 },
      users: [{ name: 'web', keys: ['./1.pub'] }],
    });
    const built = await buildWell(project, [], { board: 'ssh' });
    expect(built.stderr).not.toContain('no one can log in');
    const tar = listTar(project, 'ssh');
    expect(tar['/usr/sbin/dropbear']).toMatch(/^-rwxr-xr-x 0\/0 /);
    expect(tar['/usr/bin/dropbearkey']).toContain('-> ../sbin/dropbear');
    expect(tar['/etc/init.d/S50dropbear']).toMatch(/^-rwxr-xr-x 0\/0 /);
    expect(tar['/etc/dropbear']).toBe('drwx------ 0/0');
    expect(Object.keys(tar).filter((path) => path.startsWith('/etc/dropbear/'))).toEqual([]);
    expect(read('ssh', '/etc/init.d/S50dropbear')).toContain('exec dropbear -r "$key" -P "$pid" -p 2222\n');
    expect(read('ssh', '/root/.ssh/authorized_keys')).toBe(`${KEYS[0]}\n`);
    expect(read('ssh', '/home/web/.ssh/authorized_keys')).toBe(`${KEYS[1]}\n`);
    const log = project.read('out/ssh/logs/build-dropbear.log');
    expect(log).toContain('#define DROPBEAR_SVR_PASSWORD_AUTH 0\n');
    expect(log).toContain('--disable-pam\n');
    const { versions } = JSON.parse(project.read('out/ssh/manifest.json')) as {
      versions: Record<string, string>;
    };
    expect(versions['dropbear']).toBe('2025.89');
  });

  test('lets root in only with a key of root, and keeps its host key where the profile says', async () => {
    project.writeBoard('nonroot', {
      ...SOURCES,
      ssh: { 'host-keys': '/data/ssh' },
      users: [{ name: 'web', keys: ['./1.pub'] }],
    });
    await buildWell(project, [], { board: 'nonroot' });
    const script = read('nonroot', '/etc/init.d/S50dropbear');
    expect(script).toContain('keys=/data/ssh\n');
    expect(script).toContain('-p 22 -w\n');
    expect(listTar(project, 'nonroot')['/root/.ssh']).toBeUndefined();
  });

  test('builds dropbear again for another source, not for another key', async () => {
    project.write('boards/0.pub', `${KEYS[1]}\n`);
    const rebuilt = await build(project, [], { board: 'ssh' });
    expect(rebuilt.ran).toContain('lay-out-rootfs');
    expect(rebuilt.outcomes['build-dropbear']).toBe('fresh');
    expect(read('ssh', '/root/.ssh/authorized_keys')).toBe(`${KEYS[1]}\n`);
  });
});

test('without ssh nothing of it is there, and keys that nothing reads are named', async () => {
  project.writeBoard('keys', { ...SOURCES, users: [{ name: 'web', keys: ['./1.pub'] }] });
  const built = await buildWell(project, [], { board: 'keys' });
  expect(built.stderr).toMatch(/users\[0\]\.keys is of no use: the image has no SSH server/);
  expect(built.stderr).toMatch(/no one can log in on this device/);
  expect(Object.keys(listTar(project, 'keys')).filter((path) => path.includes('dropbear'))).toEqual([]);
});
