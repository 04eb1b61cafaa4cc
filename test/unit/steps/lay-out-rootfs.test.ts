import { chmodSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPart } from '../../../toolkit/host/file-part.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { readManifest } from '../../../toolkit/rootfs/stored-manifest.ts';
import type { LaidOutRootfs } from '../../../toolkit/steps/laid-out-rootfs.ts';
import { resultsOf, sampleBuild, stepContext, stepsOf } from '../../rigs/step-context.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

/** Lays out a board of which BusyBox, LXC and the kernel's modules are a few files, and writes its containers. */
async function layOut(dir: string, changes: Readonly<Record<string, unknown>> = {}) {
  const work = join(dir, 'out', 'work');
  const [busybox, lxc, modules] = ['busybox', 'lxc', 'modules'].map((name) => join(work, name)) as [
    string,
    string,
    string,
  ];
  writeFiles(busybox, { 'bin/busybox': 'static' });
  if (!readdirSync(busybox).includes('linuxrc')) {
    symlinkSync('busybox', join(busybox, 'bin', 'sh'));
    symlinkSync('bin/busybox', join(busybox, 'linuxrc'));
  }
  writeFiles(lxc, { 'usr/bin/lxc-start': 'elf', 'usr/libexec/lxc/lxc-user-nic': 'elf' });
  chmodSync(join(busybox, 'bin/busybox'), 0o755);
  chmodSync(join(lxc, 'usr/libexec/lxc/lxc-user-nic'), 0o755);
  const release = join(modules, 'lib', 'modules', '6.1.161');
  writeFiles(release, { 'kernel/veth.ko': 'module' });
  if (readdirSync(release).length === 1)
    for (const name of ['build', 'source']) symlinkSync('/src', join(release, name));
  const build = await sampleBuild(dir, changes);
  const results = new Map(
    resultsOf(build, {
      'build-busybox': { dir: busybox },
      'build-lxc': {
        dir: lxc,
        version: '5.0.2',
        compiled: false,
        specialModes: [{ path: '/usr/libexec/lxc/lxc-user-nic', mode: 0o4755 }],
      },
      'build-kernel': { image: '/none', modulesDir: modules },
    }),
  );
  const steps = stepsOf(build);
  const run = async (id: string): Promise<LaidOutRootfs> => {
    const result = (await steps.get(id)!.run(stepContext(dir, id, results))) as LaidOutRootfs;
    results.set(id, result);
    return result;
  };
  const entriesOf = ({ manifestFile }: LaidOutRootfs): Map<string, RootfsEntry> =>
    new Map(readManifest(manifestFile, work).entries.map((entry) => [entry.path, entry]));
  const base = entriesOf(await run('lay-out-rootfs'));
  const whole = entriesOf(await run('emit-containers'));
  return { base, whole, configsDir: join(dir, 'out', 'containers') };
}

test('keeps setuid where Debian’s packages have it', async () => {
  const { base } = await layOut(scratchDir());
  expect(base.get('/usr/libexec/lxc/lxc-user-nic')?.mode).toBe(0o4755);
  expect(base.get('/bin/sh')).toMatchObject({ type: 'symlink', target: 'busybox' });
  expect(base.has('/linuxrc')).toBe(false);
  expect(base.has('/lib/modules/6.1.161/kernel/veth.ko')).toBe(false);
});

test('kept modules come without the links to the host’s trees', async () => {
  const { base } = await layOut(scratchDir(), { kernel: { modules: 'keep' } });
  const paths = [...base.keys()].filter((path) => path.startsWith('/lib/modules/6.1.161/'));
  expect(paths).toEqual(['/lib/modules/6.1.161/kernel', '/lib/modules/6.1.161/kernel/veth.ko']);
});

test('overlays lie over it, and the files of the profile over these', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'overlay/etc/motd': 'overlay\n',
    'overlay/etc/issue': 'overlay\n',
    'motd.txt': 'profile\n',
  });
  const { base } = await layOut(dir, {
    rootfs: {
      overlays: ['../overlay'],
      files: [
        { path: '/etc/motd', type: 'file', mode: '0600', uid: 3, source: '../motd.txt' },
        { path: '/dev/foo', type: 'char', dev: '5:1', mode: '0640' },
      ],
    },
  });
  const text = (path: string): string => {
    const entry = base.get(path);
    return entry?.type === 'file' ? readPart(entry).toString('utf8') : '';
  };
  expect(base.get('/etc/motd')).toMatchObject({ mode: 0o600, uid: 3, gid: 0 });
  expect([text('/etc/motd'), text('/etc/issue')]).toEqual(['profile\n', 'overlay\n']);
  expect(base.get('/dev/foo')).toMatchObject({ type: 'char', major: 5, minor: 1, mode: 0o640 });
});

test('a mode for a file that nothing brings is refused, with its line', async () => {
  const changes = { rootfs: { files: [{ path: '/etc/none', type: 'file', mode: '0600' }] } };
  await expect(layOut(scratchDir(), changes)).rejects.toMatchObject({
    code: 'PROFILE_INVALID',
    message: expect.stringMatching(/^boards\/sample\.yaml:1 .*\/etc\/none/) as string,
  });
});

test('containers/ has the bytes that are on the device, and only those of the board’s containers', async () => {
  const dir = scratchDir();
  mkdirSync(join(dir, 'out', 'containers'), { recursive: true });
  writeFileSync(join(dir, 'out', 'containers', 'removed.conf'), 'of an earlier build');
  const { whole, configsDir } = await layOut(dir);
  expect(readdirSync(configsDir)).toEqual(['web.conf']);
  const config = whole.get('/opt/lxc/web.conf');
  expect(config?.type).toBe('file');
  const onDevice = config?.type === 'file' ? readPart(config).toString('utf8') : '';
  expect(readFileSync(join(configsDir, 'web.conf'), 'utf8')).toBe(onDevice);
  expect(onDevice).toContain('lxc.uts.name = web\n');
  const link = whole.get('/var/lib/lxc/web/config');
  expect(link).toMatchObject({ type: 'symlink', target: '/opt/lxc/web.conf' });
});
