import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

const folder = shippedPath('out', 'test', 'own-ordinary');
const profile = join(folder, 'malta.yaml');
/** In the out directory of malta-mipsel, so that only the root filesystem is made again. */
const board = new RealBoard(profile, 'malta-mipsel');

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    profile,
    `schema: 1
name: malta-mipsel
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
images: [cpio.gz]
containers: [{ name: shop, kind: system, rootfs: { from: busybox }, console: none, autostart: true }]
`,
  );
  const { exitCode, stderr } = await board.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});

const inside = (command: string): string => `lxc-attach -n shop -- sh -c '${command}'`;

// test/long/ordinary-containers.test.ts has the rest, with networks and other LXCs.
test('ordinary programs of BusyBox work in a container that its definition says nothing about', async () => {
  const { exitCode, stdout, stderr } = await board.boot([
    'test $(id -u) = 0 && grep -c -v "^ *0 *0 " /proc/$(lxc-info -n shop -pH)/uid_map',
    inside('syslogd; logger -t till sold; sleep 1; grep -c "user.notice till: sold$" /var/log/messages'),
    inside('adduser -D anna; su anna -c "cd; echo mine > note; stat -c %U note"'),
    inside(
      'printf "Sesame-1\\nSesame-1\\n" | passwd anna > /dev/null 2>&1; grep -c "^anna:[$]6[$]" /etc/shadow',
    ),
    inside('echo hello > /var/www/index.html; httpd -h /var/www; wget -q -O - http://localhost/'),
  ]);
  expect(stderr).not.toContain('error:');
  expect(stdout.replace(/^lxc-attach: .*"lxc\.seccomp"\n/gm, '')).toBe('1\n1\nanna\n1\nhello\n');
  expect(exitCode).toBe(0);
});
