import { describe, expect, test } from 'vitest';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { RootfsTree } from '../../../toolkit/rootfs/rootfs-tree.ts';

const owner = { uid: 0, gid: 0 };
const dir = (path: string, mode = 0o755): RootfsEntry => ({ path, type: 'dir', mode, ...owner });
const link = (path: string, target: string): RootfsEntry => ({
  path,
  type: 'symlink',
  mode: 0o777,
  target,
  ...owner,
});
const file = (path: string, content = path): RootfsEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  ...owner,
  source: `/blobs/${content}`,
  sizeBytes: 1,
  sha256: content,
});

/** A tree as text: a slash for a directory, an arrow for a link. */
function paths(tree: RootfsTree): string[] {
  return tree.manifest().entries.map((entry) => {
    if (entry.type === 'symlink') return `${entry.path} -> ${entry.target}`;
    return entry.type === 'dir' ? `${entry.path.replace(/\/$/, '')}/` : entry.path;
  });
}

const treeOf = (...entries: RootfsEntry[]): RootfsTree => new RootfsTree(entries);

test('missing parents are made, and everything is sorted by bytes', () => {
  const tree = treeOf(
    file('/usr/share/b'),
    file('/usr/share-a'),
    file('/ä'),
    file('/\u{1F600}'),
    file('/\uFF5E'),
  );
  expect(paths(tree)).toEqual([
    '/',
    '/usr/',
    '/usr/share/',
    '/usr/share-a',
    '/usr/share/b',
    '/ä',
    '/～',
    '/😀',
  ]);
  expect(tree.get('/usr/share')).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
});

test('the root has the mode that it is given', () => {
  expect(treeOf(dir('/', 0o700)).get('/')).toMatchObject({ mode: 0o700 });
  expect(treeOf().get('/')).toMatchObject({ mode: 0o755 });
});

describe('one thing put upon another:', () => {
  test('the later file, and its mode, wins', () => {
    const tree = treeOf(file('/etc/passwd', 'base'), { ...file('/etc/passwd', 'overlay'), mode: 0o600 });
    expect(tree.get('/etc/passwd')).toMatchObject({ sha256: 'overlay', mode: 0o600 });
  });

  test('a directory keeps what is in it', () => {
    const tree = treeOf(file('/etc/passwd'), dir('/etc', 0o700));
    expect(paths(tree)).toEqual(['/', '/etc/', '/etc/passwd']);
    expect(tree.get('/etc')).toMatchObject({ mode: 0o700 });
  });

  test('a file or a link upon a directory replaces it with all in it', () => {
    const base = [file('/etc/init.d/rcS'), file('/etc/init.d-more')];
    expect(paths(treeOf(...base, file('/etc/init.d')))).toEqual([
      '/',
      '/etc/',
      '/etc/init.d',
      '/etc/init.d-more',
    ]);
    expect(paths(treeOf(...base, link('/etc/init.d', 'rc')))).toEqual([
      '/',
      '/etc/',
      '/etc/init.d -> rc',
      '/etc/init.d-more',
    ]);
  });

  test('a file upon a link replaces the link, not what it leads to', () => {
    const tree = treeOf(file('/bin/busybox'), link('/bin/sh', 'busybox'), file('/bin/sh', 'dash'));
    expect(paths(tree)).toEqual(['/', '/bin/', '/bin/busybox', '/bin/sh']);
    expect(tree.get('/bin/busybox')).toMatchObject({ sha256: '/bin/busybox' });
  });

  test('below a file there can be nothing, so the file goes', () => {
    expect(paths(treeOf(file('/opt'), file('/opt/lxc/a')))).toEqual([
      '/',
      '/opt/',
      '/opt/lxc/',
      '/opt/lxc/a',
    ]);
  });
});

describe('links to directories are followed:', () => {
  test('a merged /usr', () => {
    const tree = treeOf(dir('/usr/bin'), link('/bin', 'usr/bin'), file('/bin/sh'), dir('/bin', 0o711));
    expect(paths(tree)).toEqual(['/', '/bin -> usr/bin', '/usr/', '/usr/bin/', '/usr/bin/sh']);
    expect(tree.get('/usr/bin')).toMatchObject({ mode: 0o711, path: '/usr/bin' });
    expect(tree.get('/usr/bin/sh')).toMatchObject({ path: '/usr/bin/sh' });
    expect(tree.lookup('/bin/sh')?.path).toBe('/usr/bin/sh');
  });

  test('absolute ones, upward ones, and one behind the other', () => {
    const tree = treeOf(
      dir('/data/log'),
      link('/var/log', '/data/logs'),
      link('/data/logs', '../data/./log'),
      file('/var/log/lxc/a'),
    );
    expect(tree.get('/data/log/lxc/a')).toBeDefined();
    expect(tree.resolve('/var/log/../log/lxc')).toBe('/data/log/lxc');
    // No link leads out of the root.
    expect(treeOf(dir('/a'), link('/up', '../../../a'), file('/up/b')).get('/a/b')).toBeDefined();
  });

  test('one that leads to nothing yet keeps its place, and what it leads to is made', () => {
    const tree = treeOf(
      link('/var/lib/lxc', '/data/lxc'),
      file('/var/lib/lxc/c1/config'),
      dir('/var/lib/lxc', 0o700),
    );
    expect(paths(tree)).toEqual([
      '/',
      '/data/',
      '/data/lxc/',
      '/data/lxc/c1/',
      '/data/lxc/c1/config',
      '/var/',
      '/var/lib/',
      '/var/lib/lxc -> /data/lxc',
    ]);
    expect(tree.get('/data/lxc')).toMatchObject({ mode: 0o700 });
  });

  test('one that leads to a file is replaced by a directory', () => {
    const tree = treeOf(file('/etc/motd'), link('/issue', 'etc/motd'), file('/issue/a'));
    expect(paths(tree)).toEqual(['/', '/etc/', '/etc/motd', '/issue/', '/issue/a']);
  });

  test.each([
    ['to itself', [link('/a', 'a')]],
    ['to one another', [link('/a', '/b/x'), link('/b', '/a/y')]],
    ['to what is below itself', [link('/a', 'a/b')]],
  ])('links that lead %s end nowhere', (_, links) => {
    const tree = treeOf(...links);
    expect(tree.resolve('/a')).toBeUndefined();
    expect(tree.lookup('/a/file')).toBeUndefined();
    tree.put(file('/a/file'));
    expect(tree.get('/a/file')).toBeDefined();
  });

  test('no more than 40 of them, as the kernel', () => {
    const chain = Array.from({ length: 45 }, (_, index) => link(`/l${index}`, `l${index + 1}`));
    const tree = treeOf(dir('/l45'), ...chain);
    expect(tree.resolve('/l5')).toBe('/l45');
    expect(tree.resolve('/l4')).toBeUndefined();
  });
});

test('resolves no path that leads nowhere', () => {
  const tree = treeOf(file('/bin/busybox'), link('/bin/sh', 'dash'));
  expect(tree.resolve('/')).toBe('/');
  expect(tree.resolve('/bin/sh')).toBeUndefined();
  expect(tree.resolve('/bin/busybox/..')).toBeUndefined();
  expect(tree.resolve('/nothing/../bin')).toBeUndefined();
  expect(tree.lookup('/bin/./busybox')?.type).toBe('file');
  expect(tree.get('/bin/sh')?.type).toBe('symlink');
});

test('removing takes along what is below, and no more', () => {
  const tree = treeOf(file('/a/b/c'), file('/a/bc'), file('/a/b-c'));
  tree.remove('/a/b');
  expect(paths(tree)).toEqual(['/', '/a/', '/a/b-c', '/a/bc']);
  tree.remove('/not/there');
  expect(paths(tree)).toHaveLength(4);
});

test('a manifest is in the order of the bytes, also where that of the characters is another', () => {
  const paths = ['/\u{1F600}', '/\uFF01', '/a', '/a/b', '/a.b'];
  const tree = new RootfsTree([
    dir('/a'),
    ...paths.filter((path) => path !== '/a').map((path) => file(path)),
  ]);
  const sorted = tree.manifest().entries.map(({ path }) => path);
  expect(sorted).toEqual(['/', '/a', '/a.b', '/a/b', '/\uFF01', '/\u{1F600}']);
});
