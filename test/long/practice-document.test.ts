import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { RealBoard } from '../rigs/real-board.ts';

// docs/practice-document.md, command for command.

const sources = process.env['LXC_KIT_LXC_SOURCES'];
const board = new RealBoard('stb-mipsel-lxc1', 'stb-mipsel-lxc1');

if (sources === undefined) {
  process.stderr.write(
    'The practice document was NOT TESTED: LXC_KIT_LXC_SOURCES names no folder with lxc-1.1.5.tar.gz\n',
  );
}

const CONTAINER1 = '--name=container1 --rcfile=/opt/lxc/container1.conf --lxcpath=/opt/lxc/container1';

/** Output of lxc-checkconfig that the document shows. */
const CHECKED = [
  'Namespaces',
  'Utsname namespace',
  'Ipc namespace',
  'Pid namespace',
  'User namespace',
  'Network namespace',
  'Cgroup',
  'Cgroup clone_children flag',
  'Cgroup device',
  'Cgroup sched',
  'Cgroup cpu account',
  'Cgroup memory controller',
  'Veth pair device',
  'Macvlan',
  'Vlan',
  'File capabilities',
];

describe.runIf(sources !== undefined)('the practice document', () => {
  /** Runs commands after one another in one boot; gives what each printed. */
  async function type(...commands: string[]): Promise<string[]> {
    const marked = commands.flatMap((command) => [command, 'echo "--- done ---"']);
    const { exitCode, stdout, stderr } = await board.boot(marked);
    expect(exitCode, stderr).toBe(0);
    return stdout.split('--- done ---\n');
  }

  beforeAll(async () => {
    const { exitCode, stderr } = await board.build(
      '--source',
      `lxc=${join(sources ?? '', 'lxc-1.1.5.tar.gz')}`,
    );
    expect(exitCode, stderr).toBe(0);
  });

  test('lxc-checkconfig prints what the document shows', async () => {
    const [printed = ''] = await type('lxc-checkconfig');
    const plain = printed.replaceAll(/\x1b\[[\d;]*m/g, '');
    for (const line of CHECKED) expect(plain).toContain(`${line}: enabled\n`);
    expect(plain).toContain('Multiple /dev/pts instances: missing\n');
  });

  test('one hierarchy has all controllers, and a group made in it spoils no start', async () => {
    const [mount, namespaces, , start] = await type(
      'mount | grep cgroup',
      'ls /proc/$$/ns/',
      'mkdir -p /sys/fs/cgroup/lxc/container1',
      `lxc-start --foreground ${CONTAINER1} hostname`,
    );
    expect(mount).toMatch(
      /^cgroup on \/sys\/fs\/cgroup type cgroup \(rw,nosuid,nodev,noexec,relatime,.*memory,.*devices,.*freezer/,
    );
    for (const namespace of ['ipc', 'mnt', 'net', 'pid', 'user', 'uts']) {
      expect(namespaces).toMatch(new RegExp(`^${namespace}$`, 'm'));
    }
    expect(start).toBe('container1\n');
  });

  test('lxc-execute runs a shell that mounts proc and knows its host name', async () => {
    const [printed, log] = await type(
      `printf 'mount -t proc none /proc\\nhostname\\n' | lxc-execute ${CONTAINER1} /bin/sh 2> /dev/null`,
      `lxc-start ${CONTAINER1} --foreground --logfile=a.txt --logpriority=debug hostname; grep -c . a.txt`,
    );
    expect(printed).toBe('container1\n');
    expect(Number(log?.split('\n')[1])).toBeGreaterThan(5);
  });

  test('a shell in a namespace of its own is process 1', async () => {
    const [printed] = await type("unshare --fork --pid --mount-proc sh -c 'ps; :'");
    expect(printed).toMatch(/^ +1 root .* sh -c ps; :$/m);
    expect(printed?.trim().split('\n')).toHaveLength(3);
  });

  test('the bridge is made by hand, with eth0 on it', async () => {
    const printed = await type(
      'brctl addbr lxcbr0',
      'brctl setfd lxcbr0 0',
      'ifconfig lxcbr0 192.168.0.1 promisc up',
      'ifconfig lxcbr0',
      'brctl addif lxcbr0 eth0',
      'brctl show',
      'route add -net default gw 192.168.0.254',
      'route -n',
    );
    expect(printed[3]).toMatch(/inet addr:192\.168\.0\.1 +Bcast:192\.168\.0\.255 +Mask:255\.255\.255\.0/);
    expect(printed[3]).toContain('UP BROADCAST RUNNING PROMISC MULTICAST');
    expect(printed[5]).toMatch(/^lxcbr0\s.*\seth0$/m);
    expect(printed[7]).toMatch(/^0\.0\.0\.0 +192\.168\.0\.254 /m);
  });

  test('everything lies where the document copies it', async () => {
    const [printed] = await type(
      'ls -d /bin/lxc-start /bin/lxc-execute /lib/liblxc.so.1 /usr/local/lib/lxc/rootfs /usr/local/share/lxc/templates/lxc-busybox',
    );
    expect(printed?.trim().split('\n')).toHaveLength(5);
  });

  test('a container is made, started and destroyed on the device', async () => {
    const printed = await type(
      'lxc-create -n test-container -t busybox',
      'lxc-start -n test-container -d 2> /dev/null && lxc-wait -n test-container -s RUNNING -t 20',
      'lxc-ls --active',
      'lxc-stop -n test-container -k && lxc-destroy -n test-container && ls /var/lib/lxc',
    );
    expect(printed[2]).toMatch(/^test-container$/m);
    expect(printed[3]).not.toContain('test-container');
  });
});
