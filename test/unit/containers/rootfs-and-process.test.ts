import { describe, expect, it } from 'vitest';
import { emitContainer, type ContainerTarget } from '../../../toolkit/containers/emit-container.ts';
import { containerFrom, device, imported, problemsOf, target } from './rig.ts';

type Changes = Partial<ContainerTarget>;

const ERAS: readonly Changes[] = [
  { lxcVersion: '1.1.5', cgroup: 'v1-single' },
  { lxcVersion: '2.0.8', cgroup: 'v1' },
  { lxcVersion: '2.1.1', cgroup: 'v1' },
  { lxcVersion: '3.0.3', cgroup: 'v1' },
  { lxcVersion: '4.0.12' },
  { lxcVersion: '7.0.0' },
];

async function configOf(yaml: string, changes: Changes = {}): Promise<string> {
  return (await emitContainer(containerFrom(yaml), target(changes))).configText;
}

async function linesOf(yaml: string, key: RegExp, changes: Changes = {}): Promise<string[]> {
  return (await configOf(yaml, changes)).split('\n').filter((line) => key.test(line));
}

const errorsOf = (yaml: string, changes: Changes = {}): Promise<string[]> =>
  problemsOf(() => configOf(yaml, changes));

describe('the root filesystem', () => {
  it.each(ERAS)('with an overlay is spelt as $lxcVersion knows it', async (era) => {
    const { lxcVersion = '' } = era;
    const modern = lxcVersion > '2.1';
    expect(await linesOf('{ name: web, rootfs: { overlay: {} } }', /rootfs/, era)).toEqual([
      modern
        ? 'lxc.rootfs.path = overlay:/opt/lxc/web:/run/lxc-overlay/web/upper'
        : 'lxc.rootfs = overlayfs:/opt/lxc/web:/run/lxc-overlay/web/upper',
    ]);
  });

  it('with an overlay of other places is imported', async () => {
    const { definition } = await imported('lxc.rootfs = overlayfs:/srv/base:/var/lib/lxc/web/delta0');
    expect(definition['rootfs']).toEqual({
      path: '/srv/base',
      overlay: { upper: '/var/lib/lxc/web/delta0' },
    });
  });

  it('cannot have its overlay in itself or around it', async () => {
    for (const upper of ['/opt/lxc/web/upper', '/opt/lxc/web', '/opt/lxc']) {
      const [error = ''] = await errorsOf(`{ name: web, rootfs: { overlay: { upper: ${upper} } } }`);
      expect(error).toMatch(/^web: the upper directory of an overlay must be outside its root filesystem/);
    }
  });

  it.each(ERAS)('is read-only where $lxcVersion heeds that for a directory', async (era) => {
    const yaml = '{ name: web, rootfs: { readonly: true } }';
    const errors = await errorsOf(yaml, era);
    if (errors.length === 0) expect(await linesOf(yaml, /options/, era)).toEqual(['lxc.rootfs.options = ro']);
    else {
      expect(['1.1.5', '2.0.8']).toContain(era.lxcVersion);
      expect(errors[0]).toBe(
        `web: LXC ${era.lxcVersion ?? ''} leaves a read-only directory writable; 2.0.9 and later do not\n  help: add "image: squashfs" to its rootfs, which is always read-only`,
      );
    }
  });

  it('in an image is a directory for every release', async () => {
    const config = await configOf('{ name: web, rootfs: { from: busybox, image: squashfs } }');
    expect(config).toContain(
      '# web: application container with a BusyBox of its own in an image of squashfs.',
    );
    expect(config).toContain('lxc.rootfs.path = /opt/lxc/web\n');
    expect((await imported(config)).definition['rootfs']).toEqual({ from: 'busybox', image: 'squashfs' });
  });
});

describe('settings of processes', () => {
  const yaml = `
name: web
init: { cwd: /srv, uid: 1000, gid: 100 }
prlimits: { nofile: 1024:4096, core: unlimited }
sysctl: { net.ipv4.ip_forward: 1 }
no-new-privs: true
`;
  const keys = /init\.|prlimit|sysctl|new_privs/;

  it('have a key of their own each', async () => {
    expect(await linesOf(yaml, keys)).toEqual([
      'lxc.init.cwd = /srv',
      'lxc.init.uid = 1000',
      'lxc.init.gid = 100',
      'lxc.no_new_privs = 1',
      'lxc.prlimit.nofile = 1024:4096',
      'lxc.prlimit.core = unlimited',
      'lxc.sysctl.net.ipv4.ip_forward = 1',
    ]);
  });

  it('are refused by releases that have no key for them, with those that have', async () => {
    expect(await errorsOf(yaml, { lxcVersion: '1.1.5', cgroup: 'v1-single' })).toEqual([
      'web: LXC 1.1.5 has no key for the working directory of the first process; 3.0.0 and later have',
      'web: LXC 1.1.5 has no key for the user of the first process; 2.0.0 and later have',
      'web: LXC 1.1.5 has no key for the group of the first process; 2.0.0 and later have',
      'web: LXC 1.1.5 has no key for denying processes new privileges; 2.1.0 and later have',
      'web: LXC 1.1.5 has no key for limits of processes; 2.1.0 and later have',
      'web: LXC 1.1.5 has no key for kernel settings; 3.0.0 and later have',
    ]);
  });

  it('cannot be set through a read-only /proc', async () => {
    const system = (auto: string, name: string): string =>
      `{ name: web, kind: system, rootfs: { from: busybox }, ${auto} sysctl: { ${name}: 1 } }`;
    const [error] = await errorsOf(system('', 'kernel.msgmax'));
    expect(error).toBe(
      'web will not start: LXC sets kernel.msgmax through /proc, where proc:mixed makes it read-only\n  help: write "auto: [proc:rw, sys:ro]"',
    );
    expect(await errorsOf(system('', 'net.ipv4.ip_forward'))).toEqual([]);
    expect(await errorsOf(system('auto: ["proc:rw"],', 'kernel.msgmax'))).toEqual([]);
  });
});

describe('a container shares', () => {
  it('a network, where the release can share it by a key', async () => {
    const yaml = '{ name: web, share-network: router }';
    expect(await linesOf(yaml, /net/)).toEqual(['lxc.namespace.share.net = router']);
    expect(await errorsOf(yaml, { lxcVersion: '2.1.1', cgroup: 'v1' })).toEqual([
      'web: LXC 2.1.1 has no key for the network of another container; 3.0.0 and later have',
    ]);
    const back = await imported('lxc.namespace.share.net = router\nlxc.namespace.share.ipc = router');
    expect(back.definition['share-network']).toBe('router');
    expect(back.definition['raw']).toEqual(['lxc.namespace.share.ipc = router']);
    const byProcess = await imported('lxc.namespace.share.net = 1234');
    expect(byProcess.definition['raw']).toEqual(['lxc.namespace.share.net = 1234']);
  });

  it('included files, which are read first', async () => {
    const host = device(
      { path: '/etc', type: 'dir' },
      { path: '/etc/lxc', type: 'dir' },
      { path: '/etc/lxc/all.conf', type: 'file' },
    );
    const config = await configOf('{ name: web, include: [/etc/lxc/all.conf] }', { host });
    expect(config.indexOf('lxc.include = /etc/lxc/all.conf')).toBeLessThan(config.indexOf('lxc.uts.name'));
    expect((await imported(config)).definition['include']).toEqual(['/etc/lxc/all.conf']);
    expect(await errorsOf('{ name: web, include: [/etc/lxc/al.conf] }', { host })).toEqual([
      'web includes /etc/lxc/al.conf, which is not in the root filesystem\n  help: did you mean /etc/lxc/all.conf?',
    ]);
    const later = await imported('lxc.uts.name = web\nlxc.include = /etc/lxc/all.conf');
    expect(later.definition['raw']).toEqual(['lxc.include = /etc/lxc/all.conf']);
  });
});
