import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { walkTree } from '../../../toolkit/host/walk-tree.ts';
import { keepNeededLibraries } from '../../../toolkit/lxc/keep-needed-libraries.ts';
import { pruneInstalled } from '../../../toolkit/lxc/prune-installed.ts';
import { readElf } from '../../../toolkit/programs/elf.ts';
import { makeElf } from '../../rigs/make-elf.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

async function names(dir: string): Promise<string[]> {
  return (await walkTree(dir)).map(({ name, stat }) => (stat.isDirectory() ? `${name}/` : name));
}

test('takes out what the device does not use, and folders that are empty then', async () => {
  const dir = scratchDir();
  const kept = {
    'usr/bin/lxc-start': '',
    'usr/lib/liblxc.so.1.7.0': '',
    'usr/share/lxc/config/common.conf': '',
    'usr/share/lxc/templates/lxc-busybox': '',
    'usr/libexec/lxc/lxc-user-nic': '',
    'etc/default/lxc': '',
    // Names that only look like those that go.
    'usr/share/lxc/hooks/clonehostname': '',
    'usr/share/data': '',
  };
  writeFiles(dir, {
    ...kept,
    'usr/include/lxc/lxccontainer.h': '',
    'usr/lib/liblxc.a': '',
    'usr/lib/liblxc.la': '',
    'usr/lib/pkgconfig/lxc.pc': '',
    'usr/share/doc/lxc/README': '',
    'usr/share/man/man1/lxc-start.1': '',
    'usr/share/bash-completion/completions/lxc': '',
    'usr/share/lxc/templates/lxc-download': '',
    'usr/share/lxc/hooks/nvidia': '',
    'usr/share/lxc/hooks/dhclient-script': '',
    'usr/libexec/lxc/lxc-monitord': '',
    'usr/libexec/lxc/lxc-net': '',
    'usr/sbin/init.lxc.static': '',
    'lib/systemd/system/lxc.service': '',
    'etc/init.d/lxc': '',
  });
  symlinkSync('liblxc.so.1.7.0', join(dir, 'usr/lib/liblxc.so.1'));
  mkdirSync(join(dir, 'usr/lib/lxc/rootfs'), { recursive: true });
  mkdirSync(join(dir, 'var/cache/lxc'), { recursive: true });
  mkdirSync(join(dir, 'var/empty/deep'), { recursive: true });
  await pruneInstalled(dir, []);
  const left = await names(dir);
  expect(left.filter((name) => !name.endsWith('/'))).toEqual(
    [...Object.keys(kept), 'usr/lib/liblxc.so.1'].sort(),
  );
  expect(left).toContain('usr/lib/lxc/rootfs/');
  expect(left).toContain('var/cache/lxc/');
  for (const gone of ['var/empty/', 'lib/', 'usr/sbin/', 'usr/include/']) expect(left).not.toContain(gone);
});

test('keeps the helpers that a release needs, one template, and no configuration of distributions', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'usr/sbin/init.lxc': '',
    'usr/sbin/init.lxc.static': '',
    'usr/libexec/lxc/lxc-monitord': '',
    'usr/share/lxc/templates/lxc-busybox': '',
    'usr/share/lxc/templates/lxc-ubuntu': '',
    'usr/share/lxc/config/common.conf': '',
    'usr/share/lxc/config/common.conf.d/README': '',
    'usr/share/lxc/config/common.seccomp': '',
    'usr/share/lxc/config/ubuntu.common.conf': '',
    'usr/share/lxc/selinux/lxc.te': '',
  });
  await pruneInstalled(dir, ['init.lxc', 'lxc-monitord']);
  expect((await names(dir)).filter((name) => !name.endsWith('/'))).toEqual([
    'usr/libexec/lxc/lxc-monitord',
    'usr/sbin/init.lxc',
    'usr/share/lxc/config/common.conf',
    'usr/share/lxc/config/common.conf.d/README',
    'usr/share/lxc/config/common.seccomp',
    'usr/share/lxc/templates/lxc-busybox',
  ]);
});

test('does not reach out of the tree by a link', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'host/include/stdio.h': 'precious',
    'host/lib/libc.a': 'precious',
    'host/empty/.keep': '',
    'installed/usr/bin/lxc-ls': '',
  });
  mkdirSync(join(dir, 'host/nothing'));
  symlinkSync(join(dir, 'host'), join(dir, 'installed/usr/abs'));
  symlinkSync('../../host', join(dir, 'installed/usr/rel'));
  symlinkSync('.', join(dir, 'installed/usr/self'));
  await pruneInstalled(join(dir, 'installed'), []);
  expect(readFileSync(join(dir, 'host/include/stdio.h'), 'utf8')).toBe('precious');
  expect(existsSync(join(dir, 'host/lib/libc.a'))).toBe(true);
  expect(existsSync(join(dir, 'host/nothing'))).toBe(true);
  expect(await names(join(dir, 'installed'))).toEqual([
    'usr/',
    'usr/abs',
    'usr/bin/',
    'usr/bin/lxc-ls',
    'usr/rel',
    'usr/self',
  ]);
});

const library = (soname: string, ...needed: string[]): Buffer => makeElf({ kind: 'shared', soname, needed });

test('keeps the libraries that programs need, with those that these need', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'usr/bin/lxc-start': makeElf({ kind: 'exec', needed: ['liblxc.so.1'], interp: '/lib/ld.so.1' }),
    'usr/bin/script': '#!/bin/sh\n',
    'usr/lib/mipsel-linux-gnu/liblxc.so.1.7.0': library('liblxc.so.1', 'libcap.so.2'),
    'usr/lib/mipsel-linux-gnu/libcap.so.2.66': library('libcap.so.2', 'libc.so.6'),
    'lib/mipsel-linux-gnu/libc.so.6': library('libc.so.6', 'ld.so.1'),
    'lib/mipsel-linux-gnu/ld.so.1': library('ld.so.1'),
    'lib/mipsel-linux-gnu/libnss_dns.so.2': library('libnss_dns.so.2'),
    'usr/lib/mipsel-linux-gnu/gconv/UTF-16.so': library('UTF-16.so'),
    'usr/lib/mipsel-linux-gnu/lxc/lxc-monitord': 'of LXC itself',
  });
  symlinkSync('liblxc.so.1.7.0', join(dir, 'usr/lib/mipsel-linux-gnu/liblxc.so.1'));
  symlinkSync('libcap.so.2.66', join(dir, 'usr/lib/mipsel-linux-gnu/libcap.so.2'));
  symlinkSync('mipsel-linux-gnu/ld.so.1', join(dir, 'lib/ld.so.1'));
  symlinkSync('/nowhere/libx.so', join(dir, 'usr/lib/mipsel-linux-gnu/libx.so'));
  // It leads to a program of the host, whose libraries are not the board's.
  symlinkSync(process.execPath, join(dir, 'usr/bin/node'));
  await keepNeededLibraries(dir, readElf);
  const left = (await names(dir)).filter((name) => !name.endsWith('/'));
  expect(left).toEqual([
    'lib/ld.so.1',
    'lib/mipsel-linux-gnu/ld.so.1',
    'lib/mipsel-linux-gnu/libc.so.6',
    'usr/bin/lxc-start',
    'usr/bin/node',
    'usr/bin/script',
    'usr/lib/mipsel-linux-gnu/libcap.so.2',
    'usr/lib/mipsel-linux-gnu/libcap.so.2.66',
    'usr/lib/mipsel-linux-gnu/liblxc.so.1',
    'usr/lib/mipsel-linux-gnu/liblxc.so.1.7.0',
    'usr/lib/mipsel-linux-gnu/lxc/lxc-monitord',
  ]);
});

test('a needed library that is a link to nothing is left for others to complain of', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'usr/bin/a': makeElf({ kind: 'exec', needed: ['liba.so'] }),
    'usr/lib/other.so': library('other.so'),
  });
  symlinkSync('liba.so.1', join(dir, 'usr/lib/liba.so'));
  await keepNeededLibraries(dir, readElf);
  expect(await names(join(dir, 'usr/lib'))).toEqual(['liba.so']);
});
