import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { downloadPackage, type AptPackage } from '../../../toolkit/debian/apt-package.ts';
import { aptEnvironment, openAptState } from '../../../toolkit/debian/apt-state.ts';
import { rejectionOf } from '../sources/source-rig.ts';
import { madeUpApt, type MadeUpApt } from './made-up-apt.ts';

/** Downloads a package as a process of its own would. */
async function download({ context }: MadeUpApt, name: string, update = false): Promise<AptPackage> {
  const own = { ...context, update };
  return downloadPackage(name, await openAptState(own, 'mipsel'), own);
}

test('a package whose name only matches is not taken', async () => {
  const apt = madeUpApt();
  apt.offer('linux-source-6.1', 'linux-source-6.12_6.12.9-1_all.deb');
  expect((await rejectionOf(download(apt, 'linux-source-6.1'))).message).toBe(
    'apt has no package linux-source-6.1 for mipsel; it has linux-source-6.12',
  );
});

test('a download of another name is not taken either', async () => {
  const apt = madeUpApt();
  apt.offer('lxc', 'lxc-templates_3.0.4-5_all.deb');
  apt.offer('lxc', 'lxc_1%3a5.0.2-1_mipsel.deb');
  expect((await rejectionOf(download(apt, 'lxc'))).message).toBe(
    'apt downloaded lxc-templates_3.0.4-5_all.deb for the package lxc',
  );
});

test('the version of a package may have an epoch', async () => {
  const apt = madeUpApt();
  apt.offer('lxc', 'lxc_1%3a5.0.2-1_mipsel.deb');
  expect(await download(apt, 'lxc')).toMatchObject({
    name: 'lxc',
    version: '1:5.0.2-1',
    deb: { name: 'lxc_1%3a5.0.2-1_mipsel.deb' },
  });
});

test('package lists are fetched once a day, and when an update is asked for', async () => {
  const apt = madeUpApt();
  apt.offer('lxc', 'lxc_5.0.2-1_mipsel.deb');
  await download(apt, 'lxc');
  await download(apt, 'lxc');
  expect(apt.updates()).toBe(1);
  await download(apt, 'lxc', true);
  expect(apt.updates()).toBe(2);
});

test('lists that a mirror did not give are asked for again by the next run', async () => {
  const apt = madeUpApt();
  apt.offer('lxc', 'lxc_5.0.2-1_mipsel.deb');
  apt.complain('W: Failed to fetch http://mirror/dists/stable/InRelease  Could not connect');
  await download(apt, 'lxc');
  await download(apt, 'lxc');
  expect(apt.updates()).toBe(2);
  expect((await rejectionOf(download(apt, 'none'))).message).toBe(
    'E: Unable to locate package none; the package lists are not complete: Failed to fetch http://mirror/dists/stable/InRelease Could not connect',
  );
});

test('only the user can read the password of the proxy', async () => {
  const { context } = madeUpApt({ userEnv: { http_proxy: 'http://me:secret@proxy:3128' } });
  const { APT_CONFIG: file = '' } = await aptEnvironment(context);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
