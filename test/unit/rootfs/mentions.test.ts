import { expect, test } from 'vitest';
import { holdsPath, mentionsPath } from '../../../toolkit/rootfs/mentions.ts';

test.each([
  ['mkdir -p /run/app && : > /run/app/sock', '/run/app/sock'],
  ['mkdir -p /run/app', '/run/app/sock'],
  ['/usr/sbin/mosquitto -d', '/run/mosquitto/mosquitto.sock'],
  ['start-stop-daemon -S -x /usr/sbin/zoned', '/run/zoned.sock'],
  ['D=/run/$NAME; NAME=app', '/run/app/sock'],
  ['syslogd -n &', '/dev/log'],
  ['mknod /dev/net/tun c 10 200', '/dev/net/tun'],
  ['cd /dev/net && mknod tun c 10 200', '/dev/net/tun'],
  ['for n in 0 1; do mknod /dev/ubi$n c 250 $n; done', '/dev/ubi1'],
  ['mkdir /dev/shm/ring', '/dev/shm/ring/a'],
])('%s may make %s', (text, path) => {
  expect(mentionsPath(text, path)).toBe(true);
});

test.each([
  ['mkdir -p /run/other && : > /run/other/sock', '/run/app/sock'],
  ['apply the application', '/run/app/sock'],
  ['mount -t tmpfs tmpfs /run', '/run/app'],
  ['sysctl net.ipv4.ip_forward=1', '/dev/net/tun'],
  ['echo memory', '/dev/mem'],
  ['klogd', '/dev/log'],
])('%s does not make %s', (text, path) => {
  expect(mentionsPath(text, path)).toBe(false);
});

test('a program holds a path, or a directory above it', () => {
  expect(holdsPath('\0/run/app\0', '/run/app/sock')).toBe(true);
  expect(holdsPath('\0/run\0/app', '/run/app/sock')).toBe(false);
});
