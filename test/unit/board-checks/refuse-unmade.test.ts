import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../../toolkit/base/diagnostic.ts';
import { refuseUnmade } from '../../../toolkit/board-checks/refuse-unmade.ts';
import { makeElf } from '../../rigs/make-elf.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Errors about files that a container waits for in vain; `overlay` has the files of an overlay by their paths. */
async function refused(
  container: Plain,
  {
    overlay = {},
    board = {},
  }: { readonly overlay?: Readonly<Record<string, string>>; readonly board?: Plain } = {},
): Promise<string[]> {
  const dir = scratchDir();
  writeFiles(join(dir, 'overlay'), { 'etc/motd': 'hello\n', ...overlay });
  for (const path of Object.keys(overlay)) chmodSync(join(dir, 'overlay', path), 0o755);
  const build = await sampleBuild(dir, {
    rootfs: { overlays: ['../overlay'] },
    containers: [
      {
        name: 'web',
        kind: 'application',
        rootfs: { path: '/opt/lxc/web', from: 'bind' },
        command: ['/bin/sh'],
        ...container,
        bind: ['/bin/sh', '/bin/busybox', ...((container['bind'] as unknown[] | undefined) ?? [])],
      },
    ],
    ...board,
  });
  try {
    refuseUnmade(build);
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    expect(error.code).toBe('CONTAINER_INVALID');
    return error.diagnostics.map(({ message, help = '' }) => `${message} (${help})`);
  }
}

const NOT_THERE =
  'which does not exist after boot: nothing in the image makes it (make it in a script /etc/init.d/S10NAME of an overlay, before containers start, or set optional: true)';

describe('the source of a bind', () => {
  test.each(['/run/app/sock', '/tmp/x', '/var/run/app.pid', '/dev/shm/ring', '/dev/log', '/dev/initctl'])(
    '%s is made by nothing',
    async (path) => {
      expect(await refused({ bind: [path] })).toEqual([`web binds ${path}, ${NOT_THERE}`]);
      expect(await refused({ bind: [{ from: path, optional: true }] })).toEqual([]);
      expect(await refused({ raw: [`lxc.mount.entry = ${path} x none bind,create=file 0 0`] })).toEqual([
        `web binds ${path}, ${NOT_THERE}`,
      ]);
      const optional = `lxc.mount.entry = ${path} x none bind,optional,create=file 0 0`;
      expect(await refused({ raw: [optional] })).toEqual([]);
    },
  );

  test.each(['/run', '/tmp', '/var/run', '/dev/shm', '/run/lxc', '/etc/motd', '/running/late', '/srv/run/x'])(
    '%s is there, or not for this check to say',
    async (path) => {
      expect(await refused({ bind: [path] })).toEqual([]);
    },
  );

  test('is made by whatever script, table, hook or program names it', async () => {
    const bind = ['/run/app/sock'];
    const named = (overlay: Readonly<Record<string, string>>): Promise<string[]> =>
      refused({ bind }, { overlay });
    expect(await named({ 'etc/init.d/S10app': '#!/bin/sh\nmkdir /run/app\n: > /run/app/sock\n' })).toEqual(
      [],
    );
    expect(await named({ 'etc/init.d/S10app': '#!/bin/sh\nmkdir /run/other\n' })).toHaveLength(1);
    const program = makeElf({ kind: 'static', content: 'bind\0/run/app/sock\0' }).toString('latin1');
    expect(await named({ 'usr/sbin/appd': program })).toEqual([]);
    expect(await refused({ bind, hooks: { 'pre-start': '/opt/hook.sh /run/app/sock' } })).toEqual([]);
    // A configuration of LXC names what is bound, and makes nothing.
    expect(
      await named({ 'etc/lxc/a.conf': 'lxc.mount.entry = /run/app/sock x none bind 0 0\n' }),
    ).toHaveLength(1);
  });

  test('is not known where the start script is the person’s own', async () => {
    const own = { 'etc/init.d/rcS': '#!/bin/sh\nmount -a\n' };
    expect(await refused({ bind: ['/run/app/sock'] }, { overlay: own })).toEqual([]);
  });

  test('is no matter of a mount that is no bind', async () => {
    expect(await refused({ raw: ['lxc.mount.entry = /run/x run tmpfs nodev 0 0'] })).toEqual([]);
  });
});

describe('a bridge', () => {
  const network = [{ type: 'veth', link: 'br9' }];
  const NOTHING =
    'web is connected to the bridge br9, which nothing makes: the profile has no such bridge, and no script or table in the image names it (add "bridges: [{ name: br9 }]" to the board profile)';

  test('stops the build when nothing makes it', async () => {
    expect(await refused({ network })).toEqual([NOTHING]);
    const raw = ['lxc.net.0.type = veth', 'lxc.net.0.link = br9'];
    expect(await refused({ raw })).toEqual([NOTHING]);
  });

  test('may come from the profile or a script', async () => {
    expect(await refused({ network }, { board: { bridges: [{ name: 'br9' }] } })).toEqual([]);
    const overlay = { 'etc/init.d/S10br9': '#!/bin/sh\nbrctl addbr br9\n' };
    expect(await refused({ network }, { overlay })).toEqual([]);
    expect(await refused({ network }, { overlay: { 'etc/x': 'brctl addbr br90\n' } })).toEqual([NOTHING]);
  });

  test('stops the build when it is external and no script names it', async () => {
    const board = { bridges: [{ name: 'br9', external: true }] };
    expect(await refused({ network }, { board })).toEqual([
      'the bridge br9 is external, but nothing in the image makes it: no script or table names it (make it in a script of an overlay, such as /etc/init.d/S10br9, or remove "external: true" to let lxc-kit make it)',
    ]);
    // It is for no container of the profile.
    expect(await refused({}, { board })).toEqual([]);
  });

  test('is asked of interfaces alone that hang on one', async () => {
    expect(await refused({ raw: ['lxc.net.0.type = macvlan', 'lxc.net.0.link = eth0'] })).toEqual([]);
    expect(await refused({ network: [{ type: 'phys', link: 'eth1' }] })).toEqual([]);
  });
});

describe('a namespace', () => {
  const share = (owner: string): Plain => ({ raw: [`lxc.namespace.share.net = ${owner}`] });

  test('must not belong to a container that the device lacks', async () => {
    expect(await refused(share('router'))).toEqual([
      'web shares a namespace of router, but the device has no such container (add the container router to the profile, or remove the line)',
    ]);
    expect(await refused(share('webb'))).toEqual([
      'web shares a namespace of webb, but the device has no such container (did you mean web?)',
    ]);
  });

  test('may belong to a process, a file, or a container of an overlay', async () => {
    expect(await refused(share('1'))).toEqual([]);
    expect(await refused(share('/proc/1/ns/net'))).toEqual([]);
    const overlay = { 'var/lib/lxc/router/config': 'lxc.uts.name = router\n' };
    expect(await refused(share('router'), { overlay })).toEqual([]);
  });
});
