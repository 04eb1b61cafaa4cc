import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { missingMounts } from '../rigs/container-mounts.ts';
import { RealBoard, START_CONTAINER1 } from '../rigs/real-board.ts';

const malta = new RealBoard('malta-mipsel', 'malta-mipsel');

beforeAll(async () => {
  const { exitCode, stderr } = await malta.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});

test('leaves images, container configs, configurations, logs and a correct manifest', () => {
  expect(readdirSync(join(malta.outDir, 'images')).sort()).toEqual([
    'rootfs.cpio.gz',
    'rootfs.ext4',
    'rootfs.squashfs',
    'rootfs.tar.gz',
    'vmlinux',
  ]);
  const manifest = JSON.parse(malta.read('manifest.json')) as {
    board: string;
    sources: { component: string; origin: string; sha256: string }[];
    artefacts: { path: string; sha256: string }[];
  };
  expect(manifest.board).toBe('malta-mipsel');
  expect(manifest.sources.map(({ component }) => component)).toEqual(
    expect.arrayContaining(['kernel', 'busybox', 'lxc']),
  );
  for (const { path, sha256 } of manifest.artefacts) {
    const bytes = readFileSync(join(malta.outDir, path));
    expect(`${path} ${createHash('sha256').update(bytes).digest('hex')}`).toBe(`${path} ${sha256}`);
  }
});

describe.each(['initramfs', 'disk'])('with its root on %s', (root) => {
  test('a container started by hand prints its host name', async () => {
    const { exitCode, stdout } = await malta.boot([START_CONTAINER1], '--root', root);
    expect(stdout).toBe('container1\n');
    expect(exitCode).toBe(0);
  });

  test('the system container runs without being started by hand, from its own init', async () => {
    const { exitCode, stdout } = await malta.boot(
      ['lxc-ls --fancy', 'lxc-attach -n system1 -- cat /proc/1/comm', 'lxc-attach -n system1 -- hostname'],
      '--root',
      root,
    );
    expect(stdout).toMatch(/^container1\s+STOPPED/m);
    expect(stdout).toMatch(/^system1\s+RUNNING 1 /m);
    expect(stdout).toMatch(/^init$/m);
    expect(stdout).toMatch(/^system1$/m);
    expect(exitCode).toBe(0);
  });
});

test('a root that cannot be written keeps its logs in memory', async () => {
  const { exitCode, stdout } = await malta.boot(
    ["grep ' / ' /proc/mounts", 'touch /var/log/lxc/one && echo written'],
    '--root',
    'disk',
  );
  expect(stdout).toMatch(/ \/ squashfs ro/);
  expect(stdout).toMatch(/^written$/m);
  expect(exitCode).toBe(0);
});

test('a command that fails in the guest gives exit code 5, and the others run all the same', async () => {
  const { exitCode, stdout, stderr } = await malta.boot(['false', 'echo still here']);
  expect(stdout).toBe('still here\n');
  expect(stderr).toContain('exit code 1: false');
  expect(exitCode).toBe(5);
});

test('every mount that the configurations ask for is there', async () => {
  const start =
    'lxc-start -n container1 -d -f /opt/lxc/container1.conf -P /opt/lxc -- /bin/busybox sleep 100 && lxc-wait -n container1 -P /opt/lxc -s RUNNING';
  const mounts = (name: string, more = ''): string =>
    `cat /proc/$(lxc-info -n ${name}${more} -p -H)/mountinfo`;
  const { exitCode, stdout } = await malta.boot([
    start,
    mounts('container1', ' -P /opt/lxc'),
    'echo; echo system1',
    mounts('system1'),
  ]);
  expect(exitCode).toBe(0);
  const [container1 = '', system1 = ''] = stdout.split('\nsystem1\n');
  for (const [name, mountinfo] of Object.entries({ container1, system1 })) {
    expect(mountinfo, name).toMatch(/^\d+ \d+ \S+ \S+ \/ /m);
    expect(missingMounts(malta.read(`containers/${name}.conf`), mountinfo), name).toEqual([]);
  }
});

test('the random numbers are ready before the first container starts, which so waits for none', async () => {
  const { exitCode, stdout } = await malta.boot([
    // Both in hundredths of a second since the kernel began: its messages, and when a process was made (proc(5)).
    'echo Y > /sys/module/printk/parameters/time',
    "dmesg | sed -n 's/^[[] *\\([0-9]*\\)[.]\\(..\\).*random: crng init done.*/ready \\1\\2/p'",
    'echo "container $(cut -d" " -f22 /proc/$(lxc-info -n system1 -p -H)/stat)"',
  ]);
  const time = (what: string): number => Number(new RegExp(`^${what} (\\d+)$`, 'm').exec(stdout)?.[1] ?? NaN);
  expect(time('ready')).toBeLessThan(time('container'));
  expect(exitCode).toBe(0);
});

test('mounts the cgroup layout of the profile, with the controllers handed down', async () => {
  const { exitCode, stdout } = await malta.boot([
    "grep ' /sys/fs/cgroup ' /proc/self/mounts",
    'cat /sys/fs/cgroup/cgroup.subtree_control',
    'cat /sys/fs/cgroup/lxc.payload.system1/memory.max /sys/fs/cgroup/lxc.payload.system1/pids.max',
  ]);
  const [mount = '', controllers = '', memory, pids] = stdout.split('\n');
  expect(mount).toMatch(/^cgroup2 \/sys\/fs\/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate/);
  expect(controllers.split(' ')).toEqual(expect.arrayContaining(['cpu', 'memory', 'pids']));
  expect(memory).toBe(String(32 * 1024 * 1024));
  expect(pids).toBe('64');
  expect(exitCode).toBe(0);
});

test('a device that the definition does not allow cannot be opened, one that it allows can', async () => {
  const inside = (command: string): string => START_CONTAINER1.replace(/hostname$/, `busybox ${command}`);
  const { stdout } = await malta.boot([
    inside('dd if=/dev/zero of=/dev/null count=1'),
    inside('dd if=/dev/full of=/dev/null count=1'),
  ]);
  expect(stdout).toContain('1+0 records out');
  expect(stdout).toMatch(/can't open '\/dev\/full': Operation not permitted/);
});

test('the binds of container1 are read-only, its /tmp is a tmpfs of its own', async () => {
  const { stdout } = await malta.boot([
    START_CONTAINER1.replace(/hostname$/, `sh -c 'mount -t proc none /proc' 2>&1`),
    START_CONTAINER1.replace('-F', '-d').replace(/hostname$/, 'busybox sleep 60'),
    'sleep 2; cat /proc/$(lxc-info -n container1 -P /opt/lxc -p -H)/mounts',
  ]);
  // It has no /proc, and may mount nothing itself.
  expect(stdout).toContain('mount: permission denied');
  for (const path of ['/bin/sh', '/bin/busybox', '/bin/echo', '/bin/ls', '/bin/mount', '/bin/hostname']) {
    expect(stdout).toMatch(new RegExp(` ${path} \\S+ ro,nosuid,nodev`));
  }
  expect(stdout).toMatch(/^tmpfs \/tmp tmpfs rw,nosuid,nodev,noexec/m);
});

test('lxc-checkconfig finds what containers need', async () => {
  const { stdout } = await malta.boot(['lxc-checkconfig']);
  for (const feature of [
    'Namespaces',
    'Utsname namespace',
    'Ipc namespace',
    'Pid namespace',
    'Network namespace',
    'Veth pair device',
    'Macvlan',
    'Vlan',
    'Bridges',
  ]) {
    expect(stdout).toMatch(new RegExp(`^${feature}: .*enabled`, 'm'));
  }
  expect(stdout).not.toMatch(/required/);
});

test('a shutdown stops the running containers first', async () => {
  const { exitCode, stderr } = await malta.boot(['poweroff; sleep 60']);
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(/powered off/);
  expect(malta.read('logs/console.log')).toContain('rcK: stopping container system1');
});

test('a second build has nothing to do', async () => {
  const { exitCode, stderr } = await malta.build();
  expect(stderr).toMatch(/all \d+ steps are fresh: nothing to do/);
  expect(exitCode).toBe(0);
});

test('nothing listens until a server is started', async () => {
  const { exitCode, stdout } = await malta.boot([
    'netstat -lntuw',
    'echo; echo httpd',
    'httpd -p 8080 && netstat -lntuw',
  ]);
  const [before = '', after = ''] = stdout.split('\nhttpd\n');
  expect(before).toMatch(/^Active Internet connections/);
  expect(before).not.toMatch(/^(?:tcp|udp|raw)/m);
  expect(after).toMatch(/^tcp\b.*:8080\b/m);
  expect(exitCode).toBe(0);
});

test('no file is setuid or setgid, and the kernel has none of the ways to its memory', async () => {
  const { exitCode, stdout } = await malta.boot([
    'find / -xdev -type f -perm /6000',
    'cp /bin/busybox /root/su && chmod 4755 /root/su && find / -xdev -type f -perm /6000',
    'for file in /dev/mem /dev/kmem /dev/port /proc/kcore /proc/sysrq-trigger; do [ ! -e $file ] || echo $file; done',
    'zcat /proc/config.gz | grep -c -e ^CONFIG_HARDENED_USERCOPY=y -e ^CONFIG_STACKPROTECTOR_STRONG=y -e \'^CONFIG_STATIC_USERMODEHELPER_PATH=""\'',
  ]);
  expect(stdout).toBe('/root/su\n3\n');
  expect(exitCode).toBe(0);
});

test('the settings of hardening are in force, those that this kernel has', async () => {
  const { exitCode, stdout } = await malta.boot([
    "cd /proc/sys && grep -v -e '^#' -e '^$' /etc/sysctl.d/10-hardening.conf | while IFS='= ' read -r key value; do [ ! -e $key ] || echo $key=$value $(cat $key); done",
  ]);
  const lines = stdout.trim().split('\n');
  expect(lines.length).toBeGreaterThan(15);
  expect(lines.filter((line) => !/=(\d+) \1$/.test(line))).toEqual([]);
  expect(lines).toEqual(
    expect.arrayContaining(['kernel/dmesg_restrict=1 1', 'kernel/yama/ptrace_scope=1 1']),
  );
  expect(exitCode).toBe(0);
});
