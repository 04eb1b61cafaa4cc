import { chmodSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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
  writeFiles(busybox, { 'bin/busybox': 'static', 'bin/login': 'static', 'sbin/getty': 'static' });
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
  const messages: string[] = [];
  const warnings: string[] = [];
  const run = async (id: string): Promise<LaidOutRootfs> => {
    const context = stepContext(dir, id, results);
    const result = (await steps.get(id)!.run(context)) as LaidOutRootfs;
    for (const event of context.events)
      if ('message' in event && /set[ug]id/.test(event.message))
        messages.push(`${event.type}: ${event.message}`);
    warnings.push(...context.events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])));
    results.set(id, result);
    return result;
  };
  const entriesOf = ({ manifestFile }: LaidOutRootfs): Map<string, RootfsEntry> =>
    new Map(readManifest(manifestFile, work).entries.map((entry) => [entry.path, entry]));
  const base = entriesOf(await run('lay-out-rootfs'));
  const whole = entriesOf(await run('emit-containers'));
  return {
    base,
    whole,
    configsDir: join(dir, 'out', 'containers'),
    warnings,
    messages,
    step: steps.get('lay-out-rootfs')!,
  };
}

test('a program of LXC has no setuid, and a note says so', async () => {
  const { base, messages } = await layOut(scratchDir());
  expect(base.get('/usr/libexec/lxc/lxc-user-nic')?.mode).toBe(0o755);
  expect(messages).toEqual([
    'note: /usr/libexec/lxc/lxc-user-nic is in the image without setuid (mode 4755 before)',
  ]);
  expect(base.get('/bin/sh')).toMatchObject({ type: 'symlink', target: 'busybox' });
  expect(base.has('/linuxrc')).toBe(false);
  expect(base.has('/lib/modules/6.1.161/kernel/veth.ko')).toBe(false);
});

test('setuid is there when the profile asks for it, and in no other file', async () => {
  const { base } = await layOut(scratchDir(), {
    rootfs: { files: [{ path: '/usr/libexec/lxc/lxc-user-nic', type: 'file', mode: '4755' }] },
  });
  const special = [...base.values()].filter(({ type, mode }) => type === 'file' && (mode & 0o6000) !== 0);
  expect(special.map(({ path }) => path)).toEqual(['/usr/libexec/lxc/lxc-user-nic']);
});

test('an overlay brings no setuid and no setgid file; a directory keeps setgid', async () => {
  const dir = scratchDir();
  writeFiles(dir, { 'overlay/bin/su': 'elf', 'overlay/bin/mail': 'elf', 'overlay/srv/shared/x': 'x' });
  chmodSync(join(dir, 'overlay/bin/su'), 0o6755);
  chmodSync(join(dir, 'overlay/bin/mail'), 0o2711);
  chmodSync(join(dir, 'overlay/srv/shared'), 0o2755);
  const { base, messages } = await layOut(dir, { rootfs: { overlays: ['../overlay'] } });
  expect(base.get('/bin/su')?.mode).toBe(0o755);
  expect(base.get('/bin/mail')?.mode).toBe(0o711);
  expect(base.get('/srv/shared')?.mode).toBe(0o2755);
  expect(messages.filter((line) => line.startsWith('warning'))).toEqual([
    'warning: /bin/mail is in the image without setgid (mode 2711 before); to keep it, write in rootfs.files: { path: /bin/mail, type: file, mode: "2711" }',
    'warning: /bin/su is in the image without setuid and setgid (mode 6755 before); to keep it, write in rootfs.files: { path: /bin/su, type: file, mode: "6755" }',
  ]);
});

test('the sysctls of hardening are in the image unless the profile says off', async () => {
  const file = '/etc/sysctl.d/10-hardening.conf';
  expect((await layOut(scratchDir())).base.get(file)).toMatchObject({ type: 'file', mode: 0o644 });
  expect((await layOut(scratchDir(), { hardening: 'off' })).base.has(file)).toBe(false);
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

/** `openssl passwd -6 -salt abcdefgh 'correct horse'` */
const HASH =
  '$6$abcdefgh$yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.';
const PUBLIC_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me@there';

const textOf = (entries: ReadonlyMap<string, RootfsEntry>, path: string): string => {
  const entry = entries.get(path);
  return entry?.type === 'file' ? readPart(entry).toString('utf8') : '';
};

test('users get their homes and keys, with owners and modes, also where an overlay has something there', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'overlay/home/web/.profile': 'hi\n',
    'overlay/home/old/.ssh/authorized_keys': 'ssh-rsa own\n',
    'id.pub': `${PUBLIC_KEY}\n`,
  });
  chmodSync(join(dir, 'overlay/home/web'), 0o775);
  const { base, warnings } = await layOut(dir, {
    rootfs: { overlays: ['../overlay'] },
    users: [
      { name: 'root', password: HASH, keys: ['../id.pub', '../id.pub'] },
      { name: 'web', keys: ['../id.pub'] },
      { name: 'old', keys: ['../id.pub'] },
      { name: 'none', home: '/srv/none' },
    ],
  });
  const shown = (path: string): string => {
    const entry = base.get(path);
    return entry === undefined ? 'none' : `${entry.mode.toString(8)} ${entry.uid}:${entry.gid}`;
  };
  expect(
    Object.fromEntries(
      [
        '/etc/shadow',
        '/root',
        '/root/.ssh',
        '/root/.ssh/authorized_keys',
        '/home',
        '/home/web',
        '/home/web/.profile',
        '/home/web/.ssh',
        '/home/web/.ssh/authorized_keys',
        '/home/old/.ssh/authorized_keys',
        '/srv/none',
      ].map((path) => [path, shown(path)]),
    ),
  ).toEqual({
    '/etc/shadow': '600 0:0',
    '/root': '700 0:0',
    '/root/.ssh': '700 0:0',
    '/root/.ssh/authorized_keys': '600 0:0',
    '/home': '755 0:0',
    '/home/web': '755 1000:1000',
    '/home/web/.profile': '644 1000:1000',
    '/home/web/.ssh': '700 1000:1000',
    '/home/web/.ssh/authorized_keys': '600 1000:1000',
    '/home/old/.ssh/authorized_keys': '644 1001:1001',
    '/srv/none': '700 1002:1002',
  });
  expect(textOf(base, '/root/.ssh/authorized_keys')).toBe(`${PUBLIC_KEY}\n`);
  expect(textOf(base, '/home/old/.ssh/authorized_keys')).toBe('ssh-rsa own\n');
  expect(textOf(base, '/etc/shadow')).toMatch(/^root:\$6\$abcdefgh\$/);
  expect(warnings).toEqual([
    expect.stringContaining(
      'users: has no effect on /home/old/.ssh/authorized_keys, which is your own file: overlay/home/old/.ssh/authorized_keys',
    ),
    expect.stringContaining('users[0].keys is of no use: the image has no SSH server'),
  ]);
});

test('no hash is in the inputs of the step, and another password is another input', async () => {
  const settingsOf = async (password: string): Promise<string> => {
    const { step } = await layOut(scratchDir(), { users: [{ name: 'root', password }] });
    return JSON.stringify(
      (
        await step.inputs({
          result: () => {
            throw new Error('no result');
          },
        })
      ).settings,
    );
  };
  const first = await settingsOf(HASH);
  expect(first).toContain('"users":[{"name":"root"');
  expect(first).not.toContain(HASH.slice(12, 30));
  expect(await settingsOf(HASH.replace(/G\.$/, 'H.'))).not.toBe(first);
});

describe('an image that no one can log in to', () => {
  const warned = async (
    changes: Readonly<Record<string, unknown>>,
    files: Readonly<Record<string, string>> = {},
  ): Promise<string> => {
    const dir = scratchDir();
    writeFiles(dir, { 'overlay/etc/motd': 'hi\n', 'id.pub': `${PUBLIC_KEY}\n`, ...files });
    return (await layOut(dir, { rootfs: { overlays: ['../overlay'] }, ...changes })).warnings.join('\n');
  };

  test('is named, with the words to write', async () => {
    expect(await warned({})).toContain('no one can log in on this device: no user has a password');
    expect(await warned({})).toContain("users: [{ name: root, password: '…' }]");
    expect(await warned({ login: 'none', users: [{ name: 'root', password: HASH }] })).toContain(
      'no one can log in',
    );
    expect(
      await warned(
        { users: [{ name: 'root', password: HASH, shell: '/bin/false' }] },
        { 'overlay/bin/false': 'x' },
      ).catch(String),
    ).toContain('problem');
    expect(await warned({}, { 'overlay/etc/shadow': 'root:!:::::::\n' })).toContain('no one can log in');
  });

  test('is one only where lxc-kit knows all ways in', async () => {
    expect(await warned({ users: [{ name: 'root', password: HASH }] })).toBe('');
    expect(await warned({ login: 'shell' })).toBe('');
    expect(await warned({}, { 'overlay/etc/shadow': `root:${HASH}::0:99999:7:::\n` })).toBe('');
    expect(await warned({}, { 'overlay/etc/shadow': `root:${HASH}:::::::\n` })).toContain(
      'overlay/etc/shadow has no number in the line of root',
    );
    expect(await warned({}, { 'overlay/etc/passwd': 'root::0:0::/root:/bin/sh\n' })).toBe('');
    expect(await warned({}, { 'overlay/etc/inittab': '::respawn:/bin/sh\n' })).toBe('');
    expect(await warned({ login: 'none' }, { 'overlay/usr/sbin/sshd': 'elf' })).toBe('');
  });

  test('files of your own that users: would write are named', async () => {
    const text = await warned(
      { users: [{ name: 'root', password: HASH }] },
      { 'overlay/etc/shadow': `root:${HASH}:::::::\n` },
    );
    expect(text).toContain('users: has no effect on /etc/shadow, which is your own file: overlay/etc/shadow');
  });
});

test('a shell that is not in the image, and the home of another, are refused with their place', async () => {
  await expect(layOut(scratchDir(), { users: [{ name: 'a', shell: '/bin/bash' }] })).rejects.toMatchObject({
    code: 'PROFILE_INVALID',
    diagnostics: [
      {
        message: 'users[0].shell is "/bin/bash", but the image has no such program',
        help: 'it has /bin/sh; another one comes with an overlay',
      },
    ],
  });
  await expect(layOut(scratchDir(), { users: [{ name: 'a', home: '/etc' }] })).rejects.toMatchObject({
    code: 'PROFILE_INVALID',
    diagnostics: [{ message: 'users[0].home is "/etc", which the system has for itself' }],
  });
});

test('only root passes /opt/lxc, and LXC in the foreground gets a terminal of its own', async () => {
  const { base } = await layOut(scratchDir(), {
    containers: [{ name: 'web', privileged: true, command: ['/bin/sh'], bind: ['/bin/sh', '/bin/busybox'] }],
  });
  expect(base.get('/opt/lxc')).toMatchObject({ type: 'dir', mode: 0o700 });
  expect(base.get('/var/log/lxc')).toMatchObject({ mode: 0o750 });
  expect(base.get('/usr/sbin/lxc-start')).toMatchObject({
    type: 'symlink',
    target: '../libexec/lxc-kit/own-terminal',
  });
  expect(base.get('/usr/libexec/lxc-kit/own-terminal')).toMatchObject({ type: 'file', mode: 0o755 });
  // This LXC has no such program, and its lxc-attach needs none.
  expect(base.has('/usr/sbin/lxc-execute')).toBe(false);
  expect(base.has('/usr/sbin/lxc-attach')).toBe(false);
  expect(base.get('/init')).toMatchObject({ type: 'file', mode: 0o755 });
});

test('a container with a map of ids has to pass /opt/lxc', async () => {
  const idmap = ['uid', 'gid'].map((kind) => ({ kind, container: 0, host: 100_000, count: 65_536 }));
  const dir = scratchDir();
  writeFiles(dir, { 'out/config/kernel.config': 'CONFIG_USER_NS=y\n' });
  const { whole } = await layOut(dir, {
    containers: [{ name: 'web', command: ['/bin/sh'], bind: ['/bin/sh', '/bin/busybox'], idmap }],
  });
  expect(whole.get('/opt/lxc')).toMatchObject({ mode: 0o711 });
});
