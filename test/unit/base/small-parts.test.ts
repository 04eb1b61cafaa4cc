import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { didYouMean } from '../../../toolkit/base/did-you-mean.ts';
import { errorMessage, KitError, systemErrorCode } from '../../../toolkit/base/errors.ts';
import { packageRoot, packageVersion, shippedPath } from '../../../toolkit/base/package-root.ts';
import { renderTemplate } from '../../../toolkit/base/render-template.ts';

describe('did you mean', () => {
  const keys = [
    'kernel',
    'busybox',
    'lxc',
    'rootfs',
    'containers',
    'images',
    'emulator',
    'veth',
    'bmips_stb_defconfig',
  ];

  test.each([
    ['kernal', 'kernel'],
    ['Kernel', 'kernel'],
    ['kenrel', 'kernel'],
    ['containrs', 'containers'],
    ['container', 'containers'],
    ['lcx', 'lxc'],
    ['lx', 'lxc'],
    ['bmips_sbt_defconfig', 'bmips_stb_defconfig'],
  ])('%s: %s', (word, meant) => {
    expect(didYouMean(word, keys)).toBe(meant);
  });

  test.each(['toolchain', 'vmlinux', 'x', 'ab', '', 'eth0eth0'])('nothing like "%s"', (word) => {
    expect(didYouMean(word, keys)).toBeUndefined();
  });

  test('the nearest one, and of two as near the first', () => {
    expect(didYouMean('cgroup-v3', ['cgroup', 'cgroup-v1', 'cgroup-v2'])).toBe('cgroup-v1');
    expect(didYouMean('image', ['images', 'image'])).toBe('image');
    expect(didYouMean('image', [])).toBeUndefined();
  });
});

describe('templates', () => {
  test('nothing is escaped: configurations are not HTML', async () => {
    expect(await renderTemplate('lxc.environment = {{e}}\n', { e: `A="b" & 'c' <d>` })).toBe(
      `lxc.environment = A="b" & 'c' <d>\n`,
    );
  });

  test('a value that is missing is an error that names the template and the value', async () => {
    await expect(renderTemplate('a\n{{missing}}', {}, 'rcS.hbs')).rejects.toThrow(
      /the template rcS\.hbs cannot be rendered: "missing" not defined.* 2:2/,
    );
    await expect(renderTemplate('{{#if on}}{{deep.er}}{{/if}}', { on: true, deep: {} })).rejects.toThrow(
      'er',
    );
    await expect(renderTemplate('{{#if}', {})).rejects.toThrow('cannot be rendered');
  });
});

test('finds the files that are shipped', () => {
  expect(existsSync(shippedPath('package.json'))).toBe(true);
  expect(shippedPath('kconfig-fragments')).toBe(`${packageRoot}/kconfig-fragments`);
  expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/);
});

test('errors say what they are', () => {
  const cause = new Error('why');
  expect(new KitError('USAGE', 'text', { hint: 'do this', lines: ['a'], logFile: 'l', cause })).toMatchObject(
    {
      name: 'KitError',
      code: 'USAGE',
      message: 'text',
      hint: 'do this',
      lines: ['a'],
      logFile: 'l',
      cause,
    },
  );
  expect(new KitError('USAGE', 'text')).toMatchObject({ lines: [], hint: undefined });
  expect(systemErrorCode(Object.assign(new Error(''), { code: 'ENOENT' }))).toBe('ENOENT');
  for (const other of [
    new Error(''),
    { code: 'ENOENT' },
    undefined,
    Object.assign(new Error(''), { code: 5 }),
  ])
    expect(systemErrorCode(other)).toBeUndefined();
  expect(errorMessage(new Error('text'))).toBe('text');
  expect(errorMessage('text')).toBe('text');
});
