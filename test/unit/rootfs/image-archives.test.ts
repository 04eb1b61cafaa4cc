import { expect, test } from 'vitest';
import { recogniseImageArchive } from '../../../toolkit/rootfs/image-archives.ts';

const LAYER = '4f'.repeat(32);

test.each([
  ['an OCI image', ['oci-layout', 'index.json', 'blobs', 'blobs/sha256', `blobs/sha256/${LAYER}`]],
  [
    'an OCI image',
    ['blobs/sha256', `blobs/sha256/${LAYER}`, 'index.json', 'manifest.json', 'oci-layout', 'repositories'],
  ],
  [
    'an image as docker save writes it',
    ['manifest.json', 'repositories', LAYER, `${LAYER}/layer.tar`, `${LAYER}/VERSION`],
  ],
  ['an image as docker save writes it', ['manifest.json', `${LAYER}.json`, `${LAYER}.tar`]],
  [
    'an image of LXD or Incus',
    ['metadata.yaml', 'templates', 'templates/hostname.tpl', 'rootfs', 'rootfs/bin', 'rootfs/etc'],
  ],
  ['an image of LXD or Incus', ['metadata.yaml', 'rootfs.squashfs']],
  [
    "the description of an image of LXC's download template",
    ['config', 'config-user', 'create-message', 'expiry'],
  ],
])('%s is recognised', (is, paths) => {
  expect(recogniseImageArchive(paths)).toMatchObject({ is, help: expect.stringMatching(/^\w.+/) as string });
});

test.each([
  ['nothing', []],
  ['a root filesystem', ['bin', 'bin/sh', 'etc', 'etc/passwd']],
  [
    'one with files of an image beside it',
    ['manifest.json', 'repositories', `${LAYER}.tar`, 'usr', 'usr/bin'],
  ],
  ['one that holds an image further down', ['srv/oci-layout', 'srv/index.json', 'srv/blobs/sha256']],
  ['one program', ['app', 'app.json', 'manifest.json']],
  ['a container of data', ['index.json', 'blobs', 'config', 'metadata.yaml']],
])('%s is not refused', (_what, paths) => {
  expect(recogniseImageArchive(paths)).toBeUndefined();
});
