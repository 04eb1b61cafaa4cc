import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putSshServer, SSH_SCRIPT } from '../../../toolkit/accounts/put-ssh-server.ts';
import { readPart } from '../../../toolkit/host/file-part.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import { RootfsTree } from '../../../toolkit/rootfs/rootfs-tree.ts';
import { scratchDir } from '../scratch.ts';

/**
 * Runs `S50dropbear start` with made-up programs: dropbearkey writes a key, dropbear its words, and `stat` names a file
 * system. Returns what came to the console, and the words of dropbear.
 */
async function start(fileSystem: string, prepare: (dir: string) => void = () => undefined) {
  const dir = scratchDir();
  const tree = new RootfsTree();
  await putSshServer(
    tree,
    { port: 22, 'host-keys': '/etc/dropbear' },
    true,
    new BlobStore(join(dir, 'blobs')),
  );
  const entry = tree.get(SSH_SCRIPT);
  if (entry?.type !== 'file') throw new Error('no script');
  const bin = join(dir, 'bin');
  for (const folder of [bin, join(dir, 'etc'), join(dir, 'run')]) mkdirSync(folder, { recursive: true });
  const program = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  program('stat', `echo ${fileSystem}`);
  program('dropbearkey', 'echo made > "$4"');
  program('dropbear', `echo "$@" > ${dir}/words`);
  prepare(dir);
  const script = readPart(entry)
    .toString('utf8')
    .replaceAll('/dev/console', `${dir}/console`)
    .replaceAll('=/etc/', `=${dir}/etc/`)
    .replaceAll('=/run/', `=${dir}/run/`)
    // As init does, after everything that it starts in the background.
    .concat('wait\n');
  execFileSync('sh', ['-c', script, 'S50dropbear', 'start'], {
    env: { PATH: `${bin}:${process.env['PATH']}` },
  });
  const text = (file: string): string => {
    try {
      return readFileSync(join(dir, file), 'utf8').replaceAll(dir, '');
    } catch {
      return '';
    }
  };
  return {
    console: text('console').replaceAll('>', ''),
    words: text('words'),
    key: text('etc/dropbear/ed25519'),
  };
}

test('makes the host key at the first start, and takes the one that is there later', async () => {
  expect(await start('ext2/ext3')).toEqual({
    console: '',
    words: '-r /etc/dropbear/ed25519 -P /run/dropbear.pid -p 22\n',
    key: 'made\n',
  });
  const later = await start('ext2/ext3', (dir) => {
    mkdirSync(join(dir, 'etc/dropbear'));
    writeFileSync(join(dir, 'etc/dropbear/ed25519'), 'earlier\n');
  });
  expect(later).toMatchObject({ console: '', key: 'earlier\n' });
});

test('half a key of a power cut is made again', async () => {
  const { key } = await start('ext2/ext3', (dir) => {
    mkdirSync(join(dir, 'etc/dropbear'));
    writeFileSync(join(dir, 'etc/dropbear/ed25519.new'), 'ha');
  });
  expect(key).toBe('made\n');
});

test('says on the console where it does not stay', async () => {
  expect((await start('tmpfs')).console).toBe(
    'dropbear: /etc/dropbear is in memory: the host key is another one after each boot\n',
  );
  // A file where the folder should be: also root cannot write there.
  const readOnly = await start('squashfs', (dir) => {
    writeFileSync(join(dir, 'etc/dropbear'), '');
  });
  expect(readOnly).toMatchObject({
    console: 'dropbear: /etc/dropbear cannot be written: the host key is another one after each boot\n',
    words: '-r /run/dropbear/ed25519 -P /run/dropbear.pid -p 22\n',
  });
});

test('a host key that cannot be made is named', async () => {
  const failed = await start('ext2/ext3', (dir) => {
    writeFileSync(join(dir, 'bin/dropbearkey'), '#!/bin/sh\nexit 1\n');
  });
  expect(failed).toMatchObject({ console: 'dropbear: failed: no host key in /etc/dropbear\n', words: '' });
});
