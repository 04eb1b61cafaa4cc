import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readLxcConfig } from '../../../toolkit/cli/read-lxc-config.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import type { ReadLine } from '../../../toolkit/lxc-keys/read-config.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

let dir = '';
let findings: Findings;

beforeEach(() => {
  dir = scratchDir();
  findings = new Findings();
});

/** The settings of a configuration, those of an include in its place, or why it could not be read. */
async function settings(files: Readonly<Record<string, string>>, root?: string): Promise<string[]> {
  writeFiles(dir, files);
  return textsOf(await readLxcConfig(join(dir, 'config'), root, findings));
}

function textsOf(lines: readonly ReadLine[]): string[] {
  return lines.flatMap((line) => {
    if (line.kind !== 'setting') return [];
    if (line.unreadable !== undefined) return [line.unreadable];
    return line.included === undefined ? [`${line.key} = ${line.value}`] : textsOf(line.included);
  });
}

test('an absolute include is one of the device, below --root', async () => {
  const files = {
    config: 'lxc.include = /etc/lxc/common.conf\nlxc.tty.max = 1\n',
    'root/etc/lxc/common.conf': 'lxc.pty.max = 2\n',
  };
  expect(await settings(files, join(dir, 'root'))).toEqual(['lxc.pty.max = 2', 'lxc.tty.max = 1']);
});

test('a relative one is beside the file that it stands in', async () => {
  const files = {
    config: 'lxc.include = parts/one.conf\n',
    'parts/one.conf': 'lxc.include = two.conf\nlxc.tty.max = 1\n',
    'parts/two.conf': 'lxc.pty.max = 2\n',
    'two.conf': 'lxc.pty.max = 9\n',
  };
  expect(await settings(files)).toEqual(['lxc.pty.max = 2', 'lxc.tty.max = 1']);
});

test('reads the .conf files of a folder, in the order of their names', async () => {
  const files = {
    config: 'lxc.include = parts\n',
    'parts/20.conf': 'lxc.tty.max = 2\n',
    'parts/10.conf': 'lxc.tty.max = 1\n',
    'parts/30.conf.bak': 'lxc.tty.max = 3\n',
  };
  expect(await settings(files)).toEqual(['lxc.tty.max = 1', 'lxc.tty.max = 2']);
});

test('one that is not there is said to be so, and the rest is read', async () => {
  const found = await settings({ config: 'lxc.include = /none.conf\nlxc.tty.max = 1\n' }, dir);
  expect(found).toEqual([expect.stringMatching(/^there is no .*\/none\.conf$/), 'lxc.tty.max = 1']);
});

test('--root has to be a folder', async () => {
  writeFiles(dir, { config: '', file: '' });
  mkdirSync(join(dir, 'folder'));
  await expect(readLxcConfig(join(dir, 'config'), join(dir, 'file'), findings)).rejects.toMatchObject({
    code: 'USAGE',
  });
  expect(await readLxcConfig(join(dir, 'config'), join(dir, 'folder'), findings)).toEqual([]);
});
