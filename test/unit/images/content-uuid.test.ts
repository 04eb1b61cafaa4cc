import { expect, test } from 'vitest';
import { contentUuid } from '../../../toolkit/images/content-uuid.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';

const file: RootfsEntry = {
  path: '/etc/hostname',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  source: '/work/blobs/1',
  sizeBytes: 4,
  sha256: 'a'.repeat(64),
};

const uuidOf = (changes: Partial<RootfsEntry>): string =>
  contentUuid({ entries: [{ ...file, ...changes } as RootfsEntry] }, 'ext4');

test('is a UUID of version 8, the same for the same content', () => {
  expect(uuidOf({})).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(uuidOf({ source: '/elsewhere/blobs/1' })).toBe(uuidOf({}));
  expect(contentUuid({ entries: [file] }, 'journal')).not.toBe(uuidOf({}));
});

test.each([
  ['the bytes of a file', { sha256: 'b'.repeat(64) }],
  ['a path', { path: '/etc/hosts' }],
  ['a mode', { mode: 0o600 }],
  ['an owner', { uid: 1 }],
  ['a group', { gid: 1 }],
] as const)('%s makes it another', (_what, changes) => {
  expect(uuidOf(changes as Partial<RootfsEntry>)).not.toBe(uuidOf({}));
});
