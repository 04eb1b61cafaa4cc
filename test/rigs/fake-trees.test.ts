import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adviseSymbol } from '../../toolkit/kconfig/symbol-advice.ts';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { isAlive, waitUntil } from './cli-process.ts';
import { describeTree } from './describe-tree.ts';
import { installFakeSource, makeWritable } from './fake-sources.ts';
import { installFakeTools } from './fake-tools.ts';

let dir: string;
let prefix: string;
let count = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fake-trees-'));
  prefix = join(await installFakeTools(join(dir, 'tools')), 'mipsel-linux-gnu-');
  for (const component of ['kernel', 'busybox', 'libcap', 'lxc'] as const) {
    await installFakeSource(component, join(dir, component));
  }
});
afterAll(async () => {
  await makeWritable(dir);
  rmSync(dir, { recursive: true });
});

const REPRODUCIBLE = {
  PATH: process.env['PATH'] ?? '',
  LC_ALL: 'C',
  SOURCE_DATE_EPOCH: '1700000000',
  KBUILD_BUILD_TIMESTAMP: 'Tue, 14 Nov 2023 22:13:20 GMT',
  KBUILD_BUILD_USER: 'lxc-kit',
  KBUILD_BUILD_HOST: 'lxc-kit',
  KCONFIG_NOTIMESTAMP: '1',
};

function newObjDir(): string {
  const objDir = join(dir, `obj${count++}`);
  mkdirSync(objDir);
  return objDir;
}

function make(
  tree: 'kernel' | 'busybox',
  objDir: string,
  args: string[],
  input = '',
  env: NodeJS.ProcessEnv = REPRODUCIBLE,
) {
  const argv = ['-C', join(dir, tree), `O=${objDir}`, 'ARCH=mips', `CROSS_COMPILE=${prefix}`, ...args];
  return spawnSync('make', argv, { encoding: 'utf8', input, env, maxBuffer: 1 << 26 });
}

function expectDone(result: SpawnSyncReturns<string>): void {
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
}

/** Configures the fake kernel as merge_config.sh would; returns the final .config. */
function configure(objDir: string, target: 'allnoconfig' | 'alldefconfig', lines: string[]): string {
  const merged = join(dir, 'merged.config');
  writeFileSync(merged, `${lines.join('\n')}\n`);
  expectDone(make('kernel', objDir, [`KCONFIG_ALLCONFIG=${merged}`, target]));
  return readFileSync(join(objDir, '.config'), 'utf8');
}

function fragmentLines(folder: string, name: string): string[] {
  const text = readFileSync(shippedPath(folder, `${name}.config`), 'utf8');
  return text.split('\n').filter((line) => /^(?:# )?CONFIG_/.test(line));
}

describe('fakelinux', () => {
  test('says which version it is', () => {
    expect(make('kernel', dir, ['-s', 'kernelversion']).stdout).toBe('6.1.999\n');
  });

  test('loses a symbol without a word when its dependencies are not met', () => {
    const base = ['CONFIG_MIPS_MALTA=y', 'CONFIG_CGROUPS=y', 'CONFIG_CPUSETS=y'];
    const objDir = newObjDir();
    expect(configure(objDir, 'allnoconfig', base)).not.toContain('CPUSETS');
    expect(configure(objDir, 'allnoconfig', [...base, 'CONFIG_SMP=y'])).toContain('\nCONFIG_CPUSETS=y\n');
  });

  test('makes y of m when there are no modules', () => {
    const lines = ['CONFIG_NET=y', 'CONFIG_NETDEVICES=y', 'CONFIG_NET_CORE=y', 'CONFIG_VETH=m'];
    const objDir = newObjDir();
    expect(configure(objDir, 'alldefconfig', lines)).toContain('\nCONFIG_VETH=y\n');
    expect(configure(objDir, 'alldefconfig', [...lines, 'CONFIG_MODULES=y'])).toContain('\nCONFIG_VETH=m\n');
  });

  test('has every symbol that the shipped fragments ask for, and keeps them all', () => {
    // Those of hardening are wishes: each kernel takes what it has.
    const shipped = readdirSync(shippedPath('kconfig-fragments'))
      .map((name) => name.replace('.config', ''))
      .filter((name) => !name.startsWith('hardening'));
    const lines = shipped.flatMap((name) => fragmentLines('kconfig-fragments', name));
    // A symbol that is newer than the tree is not in it; processor lists need SMP, which is a board's own choice.
    const isAhead = (line: string): boolean =>
      adviseSymbol(line.replace(/=.*/, ''), '6.1.999', (symbol) => !line.startsWith(`${symbol}=`))?.ahead ===
      true;
    const asked = [...new Set(lines.filter((line) => !isAhead(line)))];
    const final = configure(newObjDir(), 'allnoconfig', [...asked, 'CONFIG_SMP=y']).split('\n');
    expect(asked.length).toBeGreaterThan(lines.length / 2);
    const notY = asked.filter((line) => line.endsWith('=y') && !final.includes(line));
    expect(notY).toEqual([]);
  });

  test('every in-tree defconfig keeps what it asks for', () => {
    const folder = join(dir, 'kernel', 'arch', 'mips', 'configs');
    for (const name of readdirSync(folder)) {
      const objDir = newObjDir();
      expectDone(make('kernel', objDir, [name]));
      const final = readFileSync(join(objDir, '.config'), 'utf8').split('\n');
      const asked = readFileSync(join(folder, name), 'utf8').trim().split('\n');
      expect(
        asked.filter((line) => !final.includes(line)),
        name,
      ).toEqual([]);
    }
  });

  test('builds the same bytes wherever and whenever, once the environment says time and builder', () => {
    const images = [0, 1].map(() => {
      const objDir = newObjDir();
      expectDone(make('kernel', objDir, ['fake_defconfig']));
      const built = make('kernel', objDir, ['-j2', 'vmlinux']);
      expect(built.stdout).toMatch(/^ {2}CC {6}init\/main\.o$/m);
      return readFileSync(join(objDir, 'vmlinux'));
    });
    expect(images[0]).toEqual(images[1]);
    expect(images[0]?.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
  });

  test('builds other bytes for another configuration, or when nothing says the time', () => {
    const objDir = newObjDir();
    const build = (env: NodeJS.ProcessEnv = REPRODUCIBLE): Buffer => {
      expectDone(make('kernel', objDir, ['vmlinux'], '', env));
      return readFileSync(join(objDir, 'vmlinux'));
    };
    configure(objDir, 'allnoconfig', []);
    const bare = build();
    configure(objDir, 'allnoconfig', ['CONFIG_KEYS=y']);
    expect(build()).not.toEqual(bare);
    const environment = { PATH: process.env['PATH'] };
    expect(build(environment)).not.toEqual(build(environment));
  });

  test('makes and installs modules', () => {
    const objDir = newObjDir();
    expectDone(make('kernel', objDir, ['fake_defconfig']));
    expectDone(make('kernel', objDir, ['vmlinux', 'modules']));
    const target = join(dir, 'modules');
    expectDone(make('kernel', objDir, [`INSTALL_MOD_PATH=${target}`, 'modules_install']));
    expect(Object.keys(describeTree(target))).toContain('lib/modules/6.1.999/kernel/drivers/fake/veth.ko');
  });

  test.each([
    ['FAIL', 2, /fake\.c:42:9: error: implicit declaration/],
    ['ASK', 2, /Error in reading or end of file/],
    ['WARN', 0, /warning: 'unused_function'/],
  ])('CONFIG_FAKE_%s', (name, status, message) => {
    const objDir = newObjDir();
    configure(objDir, 'allnoconfig', [`CONFIG_FAKE_${name}=y`]);
    const result = make('kernel', objDir, ['vmlinux']);
    expect(result.status).toBe(status);
    expect(result.stdout + result.stderr).toMatch(message);
  });

  test('CONFIG_FAKE_NO_IMAGE ends well and leaves nothing', () => {
    const objDir = newObjDir();
    configure(objDir, 'allnoconfig', ['CONFIG_FAKE_NO_IMAGE=y']);
    expectDone(make('kernel', objDir, ['vmlinux']));
    expect(existsSync(join(objDir, 'vmlinux'))).toBe(false);
  });

  test('CONFIG_FAKE_NOISE prints 20 MB', () => {
    const objDir = newObjDir();
    configure(objDir, 'allnoconfig', ['CONFIG_FAKE_NOISE=y']);
    expect(make('kernel', objDir, ['vmlinux']).stdout.length).toBeGreaterThan(20_000_000);
  });

  test('CONFIG_FAKE_DIE kills make itself', () => {
    const objDir = newObjDir();
    configure(objDir, 'allnoconfig', ['CONFIG_FAKE_DIE=y']);
    expect(make('kernel', objDir, ['vmlinux']).signal).toBe('SIGKILL');
  });

  test.each([
    ['SIGTERM', []],
    ['SIGKILL', ['CONFIG_FAKE_STUBBORN=y']],
  ] as const)(
    'CONFIG_FAKE_SLOW sleeps two generations below make until the group gets %s',
    async (enough, more) => {
      const objDir = newObjDir();
      configure(objDir, 'allnoconfig', ['CONFIG_FAKE_SLOW=y', ...more]);
      const argv = [
        '-C',
        join(dir, 'kernel'),
        `O=${objDir}`,
        'ARCH=mips',
        `CROSS_COMPILE=${prefix}`,
        'vmlinux',
      ];
      const child = spawn('make', argv, { detached: true, stdio: 'ignore', env: REPRODUCIBLE });
      const group = -(child.pid ?? 0);
      const pidFile = join(objDir, 'fake-slow.pid');
      await waitUntil(
        () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'),
        'the sleeper',
        10_000,
      );
      const sleeper = Number(readFileSync(pidFile, 'utf8'));
      expect(isAlive(sleeper)).toBe(true);
      process.kill(group, 'SIGTERM');
      if (enough === 'SIGKILL') {
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(isAlive(sleeper)).toBe(true);
        process.kill(group, 'SIGKILL');
      }
      await waitUntil(() => !isAlive(sleeper), 'the sleeper to end', 10_000);
    },
  );

  test('stops without a configuration, and for another architecture', () => {
    expect(make('kernel', newObjDir(), ['vmlinux']).stderr).toContain(
      'Configuration file ".config" not found!',
    );
    expect(make('kernel', newObjDir(), ['ARCH=arm64', 'allnoconfig']).stderr).toContain(
      'arch/arm64/Makefile: No such file',
    );
  });
});

describe('fakebusybox', () => {
  function configureBusybox(objDir: string, asked: string[]): void {
    expectDone(make('busybox', objDir, ['defconfig']));
    const file = join(objDir, '.config');
    const symbols = asked.map((line) => /CONFIG_\w+/.exec(line)?.[0]);
    const kept = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !symbols.includes(/CONFIG_\w+/.exec(line)?.[0]));
    writeFileSync(file, [...kept, ...asked, ''].join('\n'));
    expectDone(make('busybox', objDir, ['oldconfig'], '\n'.repeat(100)));
  }
  const shipped = ['arch-mipsel', 'static', 'lxc'].flatMap((name) => fragmentLines('busybox-config', name));

  test('keeps what the shipped fragments ask for', () => {
    const objDir = newObjDir();
    configureBusybox(objDir, shipped);
    const final = readFileSync(join(objDir, '.config'), 'utf8').split('\n');
    expect(shipped.filter((line) => line.endsWith('=y') && !final.includes(line))).toEqual([]);
  });

  test('oldconfig asks for new symbols on stdin and ends when no answer comes', () => {
    const objDir = newObjDir();
    expectDone(make('busybox', objDir, ['defconfig']));
    const file = join(objDir, '.config');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^CONFIG_TAR=y\n/m, ''));
    expect(make('busybox', objDir, ['oldconfig'], '').status).toBe(2);
    const answered = make('busybox', objDir, ['oldconfig'], '\n');
    expect(answered.status).toBe(0);
    expect(answered.stdout).toContain('(TAR) [y] (NEW)');
    expect(readFileSync(file, 'utf8')).toContain('\nCONFIG_TAR=y\n');
  });

  test('builds and installs one static program and relative links', () => {
    const installed = [0, 1].map(() => {
      const objDir = newObjDir();
      const target = `${objDir}-target`;
      configureBusybox(objDir, shipped);
      expectDone(make('busybox', objDir, ['-j2']));
      expectDone(make('busybox', objDir, [`CONFIG_PREFIX=${target}`, 'install']));
      return describeTree(target);
    });
    expect(installed[0]).toEqual(installed[1]);
    expect(installed[0]).toMatchObject({
      'bin/sh': 'link busybox',
      'sbin/init': 'link ../bin/busybox',
      'usr/bin/awk': 'link ../../bin/busybox',
      linuxrc: 'link bin/busybox',
      'bin/busybox': expect.stringMatching(/^file 0755 /) as string,
    });
    expect(installed[0]).not.toHaveProperty('sbin/tc');
  });

  test('does not compile with the x86 instructions that its defconfig asks for, as 1.37.0', () => {
    const objDir = newObjDir();
    expectDone(make('busybox', objDir, ['defconfig']));
    const result = make('busybox', objDir, []);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('sha1_process_block64_shaNI');
  });
});

describe('fakelibcap and fakelxc', () => {
  const staging = (): string => join(dir, 'staging');

  test('libcap is built in a copy of its tree and staged', () => {
    const tree = join(dir, 'libcap-copy');
    spawnSync('cp', ['-r', join(dir, 'libcap'), tree]);
    spawnSync('chmod', ['-R', 'u+w', tree]);
    const flags = ['lib=lib', 'prefix=/usr', `DESTDIR=${staging()}`, 'install'];
    const argv = ['-C', join(tree, 'libcap'), `CC=${prefix}gcc -Os`, 'BUILD_CC=gcc', ...flags];
    expectDone(spawnSync('make', argv, { encoding: 'utf8', env: REPRODUCIBLE }));
    expect(describeTree(staging())).toMatchObject({
      'usr/lib/libcap.so': 'link libcap.so.2',
      'usr/lib/libcap.so.2': 'link libcap.so.2.66',
    });
    spawnSync('make', ['-C', join(tree, 'libcap'), 'clean']);
    const withoutBuildCompiler = spawnSync(
      'make',
      ['-C', join(tree, 'libcap'), `CC=${prefix}gcc`, ...flags],
      { encoding: 'utf8' },
    );
    expect(withoutBuildCompiler.stderr).toContain('Exec format error');
  });

  function mesonSetup(objDir: string, ...more: string[]) {
    const crossFile = join(dir, 'cross.ini');
    writeFileSync(
      crossFile,
      `[binaries]
c = '${prefix}gcc'
pkgconfig = 'pkg-config'
[properties]
pkg_config_libdir = ['${staging()}/usr/lib/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = 'mips'
cpu = 'mips32r2'
endian = 'little'
`,
    );
    const options = [
      '-Dman=false',
      '-Dinit-script=',
      '-Ddistrosysconfdir=default',
      '-Dsd-bus=disabled',
      '-Db_lto=false',
      ...more,
    ];
    const places = [
      '--prefix=/usr',
      '--libdir=lib',
      '--sysconfdir=/etc',
      '--localstatedir=/var',
      '--cross-file',
      crossFile,
    ];
    return spawnSync('meson', ['setup', objDir, join(dir, 'lxc'), ...places, ...options], {
      encoding: 'utf8',
      env: REPRODUCIBLE,
    });
  }

  test('LXC is configured, compiled and installed by the real meson and ninja, without a compiler', () => {
    const objDir = newObjDir();
    const target = join(dir, 'lxc-target');
    expect(mesonSetup(objDir).stdout).toContain('Run-time dependency libcap found: YES');
    const built = spawnSync('ninja', ['-C', objDir, 'install'], {
      encoding: 'utf8',
      env: { ...REPRODUCIBLE, DESTDIR: target },
    });
    expect(built.status).toBe(0);
    const files = describeTree(target);
    expect(files).toMatchObject({
      'usr/lib/liblxc.so.1': 'link liblxc.so.1.7.0',
      'usr/libexec/lxc/lxc-user-nic': expect.stringMatching(/^file 4755 /) as string,
      'var/lib/lxc': 'dir 0755',
    });
    expect(Object.keys(files).filter((name) => name.startsWith('usr/bin/lxc-'))).toHaveLength(25);
    const library = readFileSync(join(target, 'usr/lib/liblxc.so.1.7.0'), 'latin1');
    expect(library).toContain('libcap.so.2');
    expect(library).not.toContain(dir);
  });

  test.each([
    ['an option that 5.0.2 does not have', ['-Dtools-multicall=true'], /Unknown options: "tools-multicall"/],
    ['what is looked for on the build host', ['-Dinit-script=systemd'], /Dependency "systemd" not found/],
    ['no distrosysconfdir', ['-Ddistrosysconfdir='], /"distrosysconfdir" is not set/],
  ])('meson stops at %s', (_what, options, message) => {
    const result = mesonSetup(newObjDir(), ...options);
    expect(result.status).not.toBe(0);
    expect(result.stdout + result.stderr).toMatch(message);
  });
});

test('no build wrote into a source tree', async () => {
  for (const component of ['kernel', 'busybox', 'libcap', 'lxc'] as const) {
    await installFakeSource(component, join(dir, 'fresh', component));
    expect(describeTree(join(dir, component)), component).toEqual(
      describeTree(join(dir, 'fresh', component)),
    );
  }
});
