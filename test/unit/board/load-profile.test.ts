import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { type LoadedProfile, loadProfile } from '../../../toolkit/board/load-profile.ts';
import { expectLinear } from '../../rigs/growth.ts';

let dir: string;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'lxc-kit-board-')));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(path: string, content: string | Uint8Array): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

function load(path: string): Promise<LoadedProfile> {
  return loadProfile(join(dir, path), {
    shippedBoardsDir: join(dir, 'shipped'),
    displayPath: (file) => relative(dir, file),
  });
}

async function problems(path: string): Promise<string> {
  try {
    await load(path);
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics.map(formatDiagnostic).join('\n');
    throw error;
  }
  return '';
}

const MINIMAL = 'schema: 1\nname: mini\nkernel: { defconfig: allnoconfig }\n';

describe('defaults', () => {
  test('a profile that says only what it must', async () => {
    write('mini.yaml', MINIMAL);
    const { profile, files, file } = await load('mini.yaml');
    expect(profile).toEqual({
      schema: 1,
      name: 'mini',
      users: [],
      login: 'password',
      hardening: 'on',
      toolchain: { arch: 'mipsel', prefix: 'mipsel-linux-gnu-', cflags: [] },
      cgroup: 'v2',
      kernel: {
        defconfig: 'allnoconfig',
        fragments: [],
        config: {},
        modules: 'drop',
        require: [],
        image: 'vmlinux',
      },
      busybox: { config: 'defconfig', fragments: [] },
      libcap: {},
      libseccomp: {},
      lxc: { prefix: '/usr' },
      iptables: {},
      dropbear: {},
      rootfs: { hostname: 'mini', overlays: [], files: [] },
      interfaces: [],
      bridges: [],
      containers: [],
      defaults: { container: { limits: { memory: 'none', pids: 256 } } },
      images: ['cpio.gz'],
      imageParameters: {},
      emulator: { machine: 'malta', cpu: '24Kf', memory: '256M' },
    });
    expect(file).toBe(join(dir, 'mini.yaml'));
    expect(files).toEqual([file]);
  });

  test('symbols and their values', async () => {
    write(
      'mini.yaml',
      `schema: 1\nname: mini\nkernel:\n  defconfig: allnoconfig\n  require: [VETH, CONFIG_BRIDGE]\n  config: { CONFIG_A: y, B: true, C: false, D: n, HZ: 100, PHYS: 0x80000000, CMDLINE: 'quiet' }\n`,
    );
    const { kernel } = (await load('mini.yaml')).profile;
    expect(kernel.require).toEqual(['CONFIG_VETH', 'CONFIG_BRIDGE']);
    expect(kernel.config).toEqual({
      CONFIG_A: 'y',
      CONFIG_B: 'y',
      CONFIG_C: 'n',
      CONFIG_D: 'n',
      CONFIG_HZ: 100,
      CONFIG_PHYS: '0x80000000',
      CONFIG_CMDLINE: 'quiet',
    });
  });
});

describe('extends', () => {
  test('maps merge key by key, depth first and in order; lists and scalars of the later file replace', async () => {
    write('deep.yaml', 'cgroup: v1\nkernel: { image: uImage, modules: keep, fragments: [deep] }\n');
    write(
      'a.yaml',
      'extends: [deep.yaml]\nkernel: { image: vmlinuz, fragments: [a1, a2], config: { A: y, B: y } }\n',
    );
    write('b.yaml', 'kernel: { fragments: [b], config: { B: n } }\nimages: [squashfs, ext4]\n');
    write(
      'board.yaml',
      'schema: 1\nname: board\nextends: [a.yaml, b.yaml]\nkernel: { defconfig: own, config: { CONFIG_A: m } }\nimages: [tar.gz]\n',
    );
    const { profile, files } = await load('board.yaml');
    expect(profile.cgroup).toBe('v1');
    expect(profile.kernel).toMatchObject({
      defconfig: 'own',
      image: 'vmlinuz',
      modules: 'keep',
      fragments: ['b'],
      // The last file says CONFIG_A, an earlier one A: the same symbol.
      config: { CONFIG_A: 'm', CONFIG_B: 'n' },
    });
    expect(profile.images).toEqual(['tar.gz']);
    expect(profile).not.toHaveProperty('extends');
    expect(files.map((file) => relative(dir, file))).toEqual(['deep.yaml', 'a.yaml', 'b.yaml', 'board.yaml']);
  });

  test('the one that is written last of two names of a symbol wins, wherever its other name was first', async () => {
    write('a.yaml', 'kernel: { config: { VETH: y } }\n');
    write('b.yaml', 'kernel: { config: { CONFIG_VETH: m } }\n');
    write(
      'board.yaml',
      'schema: 1\nname: x\nextends: [a.yaml, b.yaml]\nkernel: { defconfig: x, config: { VETH: n } }\n',
    );
    expect((await load('board.yaml')).profile.kernel.config).toEqual({ CONFIG_VETH: 'n' });
  });

  test('provenance is the file and line that decided', async () => {
    write('base.yaml', 'kernel:\n  fragments:\n    - lxc\n  config:\n    VETH: y\n');
    write('web.yaml', 'name: web\nlimits:\n  pids: 5\n');
    write(
      'board.yaml',
      `${MINIMAL.replace('kernel:', 'extends: [base.yaml]\nkernel:')}containers: [web.yaml]\n`,
    );
    const { provenance } = await load('board.yaml');
    expect(provenance(['kernel', 'fragments', 0])).toMatchObject({ file: 'base.yaml', line: 3, column: 7 });
    expect(provenance(['kernel', 'config', 'CONFIG_VETH'])).toMatchObject({
      file: 'base.yaml',
      line: 5,
      column: 5,
    });
    expect(provenance(['kernel', 'defconfig'])).toMatchObject({
      file: 'board.yaml',
      line: 4,
      column: 11,
      length: 9,
    });
    expect(provenance(['containers', 0, 'limits', 'pids'])).toMatchObject({
      file: 'web.yaml',
      line: 3,
      column: 3,
    });
    // A default has the place of the map it belongs to.
    expect(provenance(['kernel', 'image'])).toMatchObject({ file: 'board.yaml', line: 4, column: 1 });
    expect(provenance(['images'])).toEqual({ file: 'board.yaml', line: 1, column: 1 });
  });

  test('the same file may be extended twice, but its mistakes are reported once', async () => {
    write('base.yaml', 'cgroup: v2\n');
    write('a.yaml', 'extends: [base.yaml]\n');
    write('board.yaml', MINIMAL.replace('kernel:', 'extends: [a.yaml, base.yaml]\nkernel:'));
    expect((await load('board.yaml')).files).toHaveLength(3);
    write('base.yaml', 'cgroup: [\n');
    expect(await problems('board.yaml')).toBe(
      'base.yaml:1:9 this bracket is not closed\n    cgroup: [\n            ~\n  help: close it with "]" or "}"',
    );
  });

  test('a shipped board may be extended from anywhere, a neighbour of the folder may not', async () => {
    write('shipped/common/mipsel.yaml', 'cgroup: v1\n');
    write('mine/board.yaml', MINIMAL.replace('kernel:', 'extends: [../shipped/common/mipsel.yaml]\nkernel:'));
    expect((await load('mine/board.yaml')).profile.cgroup).toBe('v1');
    write('mine-too/base.yaml', 'cgroup: v1\n');
    write('mine/board.yaml', MINIMAL.replace('kernel:', 'extends: [../mine-too/base.yaml]\nkernel:'));
    expect(await problems('mine/board.yaml')).toContain('which is outside the folder of the profile, mine');
  });

  test('a file that the folder does not have is taken from the shipped boards', async () => {
    write('shipped/common/mipsel.yaml', 'cgroup: v1\n');
    write('mine/board.yaml', MINIMAL.replace('kernel:', 'extends: [common/mipsel.yaml]\nkernel:'));
    expect((await load('mine/board.yaml')).profile.cgroup).toBe('v1');
    write('mine/common/mipsel.yaml', 'cgroup: v1-single\n');
    expect((await load('mine/board.yaml')).profile.cgroup).toBe('v1-single');
    write('mine/board.yaml', MINIMAL.replace('kernel:', 'extends: [./common/none.yaml]\nkernel:'));
    write('shipped/common/none.yaml', 'cgroup: v1\n');
    expect(await problems('mine/board.yaml')).toContain(
      'write "common/none.yaml" for the one that lxc-kit ships',
    );
  });

  test('a board may extend the shipped one of its own name', async () => {
    write('shipped/board.yaml', `${MINIMAL}cgroup: v1\n`);
    write('mine/board.yaml', MINIMAL.replace('kernel:', 'extends: [board.yaml]\nkernel:'));
    expect((await load('mine/board.yaml')).profile.cgroup).toBe('v1');
  });

  test('a symbolic link to another folder does not help, one to the boards themselves does no harm', async () => {
    write('elsewhere/base.yaml', 'cgroup: v1\n');
    write('mine/board.yaml', MINIMAL.replace('kernel:', 'extends: [link/base.yaml]\nkernel:'));
    symlinkSync('../elsewhere', join(dir, 'mine/link'));
    expect(await problems('mine/board.yaml')).toContain('is outside');
    write('boards/base.yaml', 'cgroup: v1\n');
    write('boards/board.yaml', MINIMAL.replace('kernel:', 'extends: [base.yaml]\nkernel:'));
    symlinkSync('boards', join(dir, 'alias'));
    expect((await load('alias/board.yaml')).profile.cgroup).toBe('v1');
  });

  test('a file that extends itself', async () => {
    write('board.yaml', MINIMAL.replace('kernel:', 'extends: [./board.yaml]\nkernel:'));
    expect(await problems('board.yaml')).toContain('extends goes in a circle: board.yaml -> board.yaml');
  });
});

describe('host paths', () => {
  test('are relative to the file they are written in, also after merging', async () => {
    for (const file of [
      'common/own.config',
      'common/sub/x.config',
      'common/base.config',
      'common/motd',
      'web/web.tar',
    ]) {
      write(file, '');
    }
    mkdirSync(join(dir, 'common/overlay'));
    mkdirSync(join(dir, 'shop'));
    write(
      'common/base.yaml',
      `toolchain: { directory: ../vendor/bin }
kernel:
  sources: [{ path: ../linux }, { debian: linux-source-6.1 }]
  defconfig: base.config
  fragments: [lxc, own.config, sub/x.config]
busybox: { config: ./base.config, sources: [{ path: bb.tar }] }
lxc: { sources: [{ path: lxc.tar }] }
libcap: { sources: [{ path: libcap.tar }] }
rootfs:
  overlays: [overlay]
  files: [{ path: /etc/motd, type: file, mode: "0644", source: motd }]
containers: [../web/web.yaml, { name: shop, rootfs: { from: { directory: ../shop } } }]
emulator: { kernel: { defconfig: malta_defconfig, fragments: [malta, own.config] } }
`,
    );
    write('web/web.yaml', 'name: web\nrootfs: { from: { tar: web.tar } }\n');
    write('board.yaml', 'schema: 1\nname: board\nextends: [common/base.yaml]\nkernel: { image: uImage }\n');
    const { profile } = await load('board.yaml');
    const at = (path: string): string => join(dir, path);
    expect(profile.toolchain.directory).toBe(at('vendor/bin'));
    expect(profile.kernel.sources).toEqual([{ path: at('linux') }, { debian: 'linux-source-6.1' }]);
    expect(profile.kernel.defconfig).toBe(at('common/base.config'));
    expect(profile.kernel.fragments).toEqual(['lxc', at('common/own.config'), at('common/sub/x.config')]);
    expect(profile.busybox).toMatchObject({
      config: at('common/base.config'),
      sources: [{ path: at('common/bb.tar') }],
    });
    expect(profile.lxc.sources).toEqual([{ path: at('common/lxc.tar') }]);
    expect(profile.libcap.sources).toEqual([{ path: at('common/libcap.tar') }]);
    expect(profile.rootfs.overlays).toEqual([at('common/overlay')]);
    expect(profile.rootfs.files[0]).toMatchObject({ source: at('common/motd'), uid: 0, gid: 0 });
    expect(profile.containers.map(({ rootfs }) => rootfs.from)).toEqual([
      { tar: at('web/web.tar') },
      { directory: at('shop') },
    ]);
    expect(profile.emulator.kernel).toMatchObject({
      defconfig: 'malta_defconfig',
      fragments: ['malta', at('common/own.config')],
    });
  });
});

describe('a file that is no profile', () => {
  test.each([
    ['empty', '', 'f.yaml must be a board profile, but is empty'],
    ['only comments', '# nothing\n', 'f.yaml must be a board profile, but is empty'],
    ['a word', 'hello\n', 'f.yaml:1:1 a board profile must be a mapping of keys and values'],
    [
      'a NUL byte',
      'schema: 1\nname: a\0b\n',
      'f.yaml:2:8 this is a control character (U+0000)\n    name: a\uFFFDb\n',
    ],
    ['an escape sequence', 'name: \u001b[31m\n', 'f.yaml:1:7 this is a control character (U+001B)'],
    [
      'Latin-1',
      Buffer.from('schema: 1\nname: caf\xe9\n', 'latin1'),
      'f.yaml:2:10 from here on, the text is not UTF-8',
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffschema: 1\n', 'utf16le'),
      'f.yaml:1:4 this is a control character (U+0000)',
    ],
    [
      '10 MB',
      `# ${'x'.repeat(10 << 20)}\n`,
      'f.yaml must be a board profile, but is 10.0 MB long; 1 MB is the limit',
    ],
    ['deep nesting', `a: ${'['.repeat(100_000)}`, 'nested too deeply'],
    ['a tag', 'name: !!binary aGVsbG8=\n', 'is a YAML tag; profiles have none'],
    ['an unknown tag', 'name: !secret x\n', 'this is a YAML tag; profiles have none'],
    ['a key that is a list', '? [a, b]\n: 1\n', 'a key must be a string'],
    ['a prototype', 'kernel:\n  __proto__: { image: x }\n', 'f.yaml:2:3 a key must not be "__proto__"'],
  ])('%s', async (_what, content, message) => {
    write('f.yaml', content);
    expect(await problems('f.yaml')).toContain(message);
  });

  test('a folder, a missing file, a device', async () => {
    mkdirSync(join(dir, 'f.yaml'));
    expect(await problems('f.yaml')).toBe(
      'f.yaml must be a board profile, but is a folder, not a regular file\n  help: name the file that you meant',
    );
    expect(await problems('g.yaml')).toBe('g.yaml does not exist\n  help: did you mean "f.yaml"?');
    expect(await problems('no/g.yaml')).toBe(
      'no/g.yaml does not exist\n  help: the folder no does not exist',
    );
    symlinkSync('/dev/zero', join(dir, 'zero.yaml'));
    expect(await problems('zero.yaml')).toBe(
      'zero.yaml must be a board profile, but is a character device, not a regular file\n  help: name the file that you meant',
    );
    execFileSync('mkfifo', [join(dir, 'pipe.yaml')]);
    expect(await problems('pipe.yaml')).toContain(
      'pipe.yaml must be a board profile, but is a FIFO, not a regular file',
    );
  });

  test('thousands of mistakes cost no more each than a few', async () => {
    const keys = async (count: number): Promise<void> => {
      write('f.yaml', Array.from({ length: count }, (_, index) => `k${index}: 1`).join('\n'));
      expect(await problems('f.yaml')).toContain('the profile has more problems than these');
    };
    const values = async (count: number): Promise<void> => {
      write('f.yaml', `${MINIMAL}images: [${'x,'.repeat(count)}]`);
      expect(await problems('f.yaml')).toContain('f.yaml:4:10 images[0] must be');
    };
    await expectLinear(keys, 2_500);
    await expectLinear(values, 12_500);
  });

  test('an image format with parameters', async () => {
    write('f.yaml', `${MINIMAL}images: [squashfs, { ext4: { size: 64M } }]\n`);
    const { profile } = await load('f.yaml');
    expect(profile.images).toEqual(['squashfs', 'ext4']);
    expect(profile.imageParameters).toEqual({ ext4: { size: 64 * 1024 * 1024 } });
    write('f.yaml', `${MINIMAL}images: [ext4, { ext4: { size: 64 MB } }, { squashfs: { size: 1M } }]\n`);
    const found = await problems('f.yaml');
    expect(found).toContain('images[1].ext4.size must be a size such as 64M');
    expect(found).toContain('images[2]');
  });

  test('more mistakes than the stack holds are refused like others', async () => {
    write('f.yaml', `${MINIMAL}images: [${'x,'.repeat(150_000)}]\n`);
    const found = await problems('f.yaml');
    expect(found).toContain('f.yaml:4:10 images[0] must be');
    expect(found).toContain('the profile has more problems than these');
  });

  test('a byte order mark and the line ends of other systems are no mistakes', async () => {
    write('f.yaml', `\uFEFF${MINIMAL.replaceAll('\n', '\r\n')}images: [zip]\r\n`);
    expect(await problems('f.yaml')).toContain(
      'f.yaml:4:10 images[0] must be tar.gz, cpio.gz, squashfs or ext4, but is "zip"\n    images: [zip]\n             ~~~',
    );
  });

  test('anchors and aliases within reason', async () => {
    write('f.yaml', `${MINIMAL}rootfs:\n  overlays: &none []\n  files: *none\n`);
    expect((await load('f.yaml')).profile.rootfs.files).toEqual([]);
    write('f.yaml', `${MINIMAL}toolchain:\n  cflags: &flags [-Os, 7]\nimages: *flags\n`);
    expect(await problems('f.yaml')).toContain('f.yaml:5:24 images[1] must be');
  });
});

describe('containers', () => {
  test('null in the list of devices is the device', async () => {
    write(
      'f.yaml',
      `${MINIMAL}containers: [{ name: web, devices: { allow: [null, zero, "c 30:0 rwm"] } }]\n`,
    );
    expect((await load('f.yaml')).profile.containers[0]?.devices).toEqual({
      allow: ['null', 'zero', 'c 30:0 rwm'],
    });
  });

  test('a definition in a file that is not even YAML', async () => {
    write('f.yaml', `${MINIMAL}containers: [web.yaml]\n`);
    write('web.yaml', '- name: web\n');
    expect(await problems('f.yaml')).toContain('web.yaml:1:1 a container definition must be a mapping');
  });

  test('the public example of a board and a container loads as it stands', async () => {
    const sha256 = 'a'.repeat(64);
    mkdirSync(join(dir, 'overlay'));
    write('vendor.config', '');
    write('common/mipsel.yaml', 'busybox: { fragments: [static] }\n');
    write(
      'container1.yaml',
      `name: container1
kind: application                  # application (one process) | system (runs an init)
hostname: container1
rootfs: { path: /opt/lxc/container1, from: bind }
command: [/bin/sh]                 # lxc.init.cmd / lxc.execute.cmd
bind: [/bin/sh, /bin/busybox, { from: /lib, to: /lib, options: [ro, nosuid, nodev] }]
mounts: [{ type: tmpfs, to: /tmp, options: [nosuid, nodev, noexec, "mode=1777", create=dir] }]
devices: { allow: [null, zero, tty, console, "c 30:0 rwm"] }   # everything else is denied
network: [{ type: veth, link: lxcbr0, name: eth0, ipv4: 192.168.0.2/24, gateway: 192.168.0.1 }]
capabilities: { drop: [sys_admin, sys_module] }      # or keep: […]
limits: { memory: 32M, pids: 64, cpu-shares: 512, cpus: "0" }
console: none
pty: 0
tty: 0
autodev: true
autostart: { order: 1, delay: 2 }
idmap: [{ kind: uid, container: 0, host: 100000, count: 65536 }]
seccomp: default
environment: { TERM: linux }
raw: ["lxc.signal.halt = SIGTERM"]
`,
    );
    write(
      'stb-mipsel.yaml',
      `schema: 1
name: stb-mipsel
description: Set-top box, Broadcom BMIPS, little endian
extends: [common/mipsel.yaml]
toolchain:
  prefix: mipsel-linux-gnu-
  directory: /opt/vendor/bin
  cflags: [-Os, -march=mips32r2]
cgroup: v2
kernel:
  sources:
    - { version: "6.1.161", url: "https://cdn.kernel.org/linux-6.1.161.tar.xz", sha256: "${sha256}" }
    - { debian: linux-source-6.1 }
    - { path: ../vendor/linux }
    - { debian-pool: pool/main/b/busybox/busybox_1.37.0.orig.tar.bz2, sha256: "${sha256.toUpperCase()}" }
  defconfig: bmips_stb_defconfig
  fragments: [lxc, cgroup-v2, ./vendor.config]
  config: { CONFIG_IKCONFIG_PROC: y }
  modules: drop
  require: [CONFIG_VETH]
  image: vmlinux
busybox:
  config: defconfig
  fragments: [static, lxc]
lxc:
  prefix: /usr
rootfs:
  hostname: stb
  overlays: [./overlay]
  files:
    - { path: /dev/console, type: char, dev: "5:1", mode: "0600", uid: 0, gid: 0 }
bridges: [{ name: lxcbr0, ipv4: 192.168.0.1/24 }]
containers: [container1.yaml]
images: [cpio.gz, squashfs]
emulator:
  machine: malta
  cpu: 24Kf
  memory: 256M
  kernel: { defconfig: malta_defconfig, fragments: [malta] }
`,
    );
    expect(await problems('stb-mipsel.yaml')).toBe('');
    const { profile } = await load('stb-mipsel.yaml');
    expect(profile.kernel.sources?.[3]).toEqual({
      'debian-pool': 'pool/main/b/busybox/busybox_1.37.0.orig.tar.bz2',
      sha256,
    });
    expect(profile.toolchain.directory).toBe('/opt/vendor/bin');
    expect(profile.containers[0]).toMatchObject({
      bind: [
        { from: '/bin/sh', to: '/bin/sh', options: ['ro', 'nosuid', 'nodev'], optional: false },
        { from: '/bin/busybox', to: '/bin/busybox' },
        { from: '/lib', to: '/lib', options: ['ro', 'nosuid', 'nodev'] },
      ],
      network: [{ type: 'veth', ipv4: ['192.168.0.2/24'], ipv6: [], up: true }],
      limits: { memory: '32M', cpus: '0' },
      autostart: { order: 1, delay: 2 },
    });
  });
});
