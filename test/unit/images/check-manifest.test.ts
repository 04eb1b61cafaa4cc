import { expect, test } from 'vitest';
import { checkManifest } from '../../../toolkit/images/check-manifest.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { manifestOf, samples, scratchDir } from './sample-rootfs.ts';

const dir = (path: string): RootfsEntry => ({ path, type: 'dir', mode: 0o755, uid: 0, gid: 0 });
const fifo = (path: string): RootfsEntry => ({ path, type: 'fifo', mode: 0o644, uid: 0, gid: 0 });

test('takes what is sorted by bytes, not by words or UTF-16', () => {
  checkManifest(manifestOf(scratchDir(), samples));
  checkManifest({ entries: ['/', '/a', '/a-b', '/a/b', '/\uffee', '/\u{1f994}'].map(dir) });
});

const broken: Record<string, [RootfsEntry[], string]> = {
  'nothing at all': [[], 'empty'],
  'no root': [[dir('/a')], 'starts with dir /a'],
  'a root that is no directory': [[fifo('/')], 'starts with fifo /'],
  'a path twice': [[dir('/'), dir('/a'), fifo('/a')], 'not sorted: /a comes after /a'],
  'another order': [[dir('/'), dir('/b'), dir('/a')], 'not sorted: /a comes after /b'],
  'no parent': [[dir('/'), dir('/a/b')], 'its parent directory is not'],
  'a parent that is no directory': [[dir('/'), fifo('/a'), dir('/a/b')], 'its parent directory is not'],
  'a relative path': [[dir('/'), dir('a')], 'not normalised'],
  'a slash at the end': [[dir('/'), dir('/a/')], 'not normalised'],
  'two slashes': [[dir('/'), dir('//a')], 'not normalised'],
  'a dot': [[dir('/'), dir('/./a')], 'not normalised'],
  'the way out': [[dir('/'), dir('/..')], 'not normalised'],
  'a zero byte': [[dir('/'), dir('/a\0b')], 'not normalised'],
};
test.each(Object.entries(broken))('refuses %s', (_, [entries, message]) => {
  expect(() => checkManifest({ entries })).toThrow(message);
});

test('names may start with dots', () => {
  checkManifest({ entries: ['/', '/...', '/..a', '/.profile'].map(dir) });
});
