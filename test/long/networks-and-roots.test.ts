import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

const profile = shippedPath('out', 'test', 'malta-networks.yaml');
const malta = new RealBoard(profile, 'malta-networks');

/** A free TCP port of this machine. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const port = await freePort();

beforeAll(async () => {
  mkdirSync(shippedPath('out', 'test'), { recursive: true });
  writeFileSync(
    profile,
    `schema: 1
name: malta-networks
extends: [${join(shippedPath('boards'), 'malta-mipsel.yaml')}]
kernel: { fragments: [malta, lxc, derived] }
interfaces: [{ name: eth0, dhcp: true }]
bridges:
  - { name: lxcbr0, ipv4: 192.168.0.1/24, nat: true, forward: [{ port: 8080, to: 192.168.0.2:80 }] }
containers:
  - name: web
    kind: system
    rootfs: { from: busybox, overlay: {} }
    network: [{ type: veth, link: lxcbr0, name: eth0, ipv4: 192.168.0.2/24, gateway: 192.168.0.1 }]
    console: none
    autostart: { order: 1 }
  - name: client
    kind: system
    rootfs: { from: busybox, readonly: true }
    network: [{ type: veth, link: lxcbr0, name: eth0, ipv4: 192.168.0.3/24, gateway: 192.168.0.1 }]
    console: none
    autostart: { order: 2 }
  - name: beside
    kind: system
    rootfs: { from: busybox, image: squashfs, overlay: { upper: /var/lib/beside/upper } }
    share-network: client
    console: none
    prlimits: { nofile: "100:200" }
    no-new-privs: true
    autostart: { order: 3 }
images: [cpio.gz, squashfs]
emulator: { network: { forward: ["${port}:8080"] } }
`,
  );
  const { exitCode, stderr } = await malta.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});

const inside = (container: string, command: string): string =>
  `lxc-attach -n ${container} -- sh -c '${command}'`;
const SERVE = inside('web', 'mkdir /www; echo hello from web > /www/index.html; httpd -h /www');

describe('the bridge of the profile', () => {
  test('joins containers and device, and leads out by the address of the device', async () => {
    const { exitCode, stdout } = await malta.boot([
      'brctl show',
      ...['192.168.0.1', '192.168.0.2', '10.0.2.2'].map((address) =>
        inside('client', `ping -c 1 -W 10 ${address} > /dev/null && echo reached ${address}`),
      ),
      // The interfaces are those of the client.
      inside('beside', 'ifconfig eth0 | grep 192.168.0.3'),
    ]);
    expect(stdout).toMatch(/^lxcbr0\s/m);
    expect(stdout).toContain('reached 192.168.0.1\nreached 192.168.0.2\nreached 10.0.2.2\n');
    expect(exitCode).toBe(0);
  });

  test('forwards a port from the device itself and from another container', async () => {
    const { exitCode, stdout } = await malta.boot([
      SERVE,
      'wget -q -O - http://10.0.2.15:8080/',
      inside('client', 'wget -q -O - http://192.168.0.1:8080/'),
    ]);
    expect(stdout).toBe('hello from web\nhello from web\n');
    expect(exitCode).toBe(0);
  });

  test('forwards a port from outside', async () => {
    const stop = '/tmp/asked';
    const booted = malta.boot([
      SERVE,
      inside(
        'web',
        `echo "#!/bin/sh" > /www/x; for i in $(seq 60); do [ -e ${stop} ] && break; sleep 1; done`,
      ),
    ]);
    let answer: string | undefined;
    for (let tries = 0; tries < 120 && answer === undefined; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) })
        .then((response) => (response.ok ? response.text() : undefined))
        .catch(() => undefined);
    }
    expect(answer).toBe('hello from web\n');
    await booted;
  });
});

describe('the root file systems', () => {
  const write = 'touch /etc/new && grep " / " /proc/mounts';

  test('are written where they may be', async () => {
    const { stdout } = await malta.boot([
      inside('web', write),
      // The overlay lies over the directory, and the files below it stay as they are.
      'mount --bind / /mnt && ls /run/lxc-overlay/web/upper/etc /mnt/opt/lxc/web/etc | grep -c "^new$"',
      inside('beside', write),
      'ls /var/lib/beside/upper/etc',
      'mount | grep squashfs',
      `${inside('client', write)} 2>&1`,
    ]);
    expect(stdout).toMatch(/^\/opt\/lxc\/web \/ overlay rw,\S*upperdir=\/run\/lxc-overlay\/web\/upper,/m);
    expect(stdout).toMatch(/^1$/m);
    expect(stdout).toMatch(/^\/opt\/lxc\/beside \/ overlay rw,\S*upperdir=\/var\/lib\/beside\/upper,/m);
    expect(stdout).toMatch(/^new$/m);
    expect(stdout).toMatch(/^\/dev\/loop0 on \/opt\/lxc\/beside type squashfs \(ro,/m);
    expect(stdout).toContain('touch: /etc/new: Read-only file system');
  });

  test('on a disk that is read-only itself, and boot names the container whose upper directory is on it', async () => {
    const { exitCode, stdout, stderr } = await malta.boot([inside('web', write)], '--root', 'disk');
    expect(stdout).toMatch(/ \/ overlay rw,/);
    expect(stderr).toContain('error: 1 of 3 containers is not as defined');
    expect(stderr).toMatch(/beside is STOPPED: .*\n.*Read-only file system - .*"\/var\/lib\/beside/);
    expect(exitCode).toBe(5);
  });

  test('limits and privileges of processes hold', async () => {
    const { stdout } = await malta.boot([
      inside('beside', 'grep -e "open files" /proc/1/limits; grep NoNewPrivs /proc/1/status'),
    ]);
    expect(stdout).toMatch(/^Max open files\s+100\s+200\s/m);
    expect(stdout).toMatch(/^NoNewPrivs:\s+1$/m);
  });
});
