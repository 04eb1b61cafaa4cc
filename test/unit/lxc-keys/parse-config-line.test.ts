import { expect, it } from 'vitest';
import { parseConfigLine } from '../../../toolkit/lxc-keys/parse-config-line.ts';

it.each([
  ['lxc.autodev=0', { kind: 'setting', key: 'lxc.autodev', value: '0' }],
  ['  lxc.uts.name   =  a b  ', { kind: 'setting', key: 'lxc.uts.name', value: 'a b' }],
  ['lxc.environment = A=B=C', { kind: 'setting', key: 'lxc.environment', value: 'A=B=C' }],
  ['lxc.net.0.name = "eth0"', { kind: 'setting', key: 'lxc.net.0.name', value: 'eth0' }],
  ['lxc.init.cmd = \'x"', { kind: 'setting', key: 'lxc.init.cmd', value: '\'x"' }],
  ['lxc.net =', { kind: 'setting', key: 'lxc.net', value: '' }],
  ['lxc.uts.name = a # b', { kind: 'setting', key: 'lxc.uts.name', value: 'a # b' }],
  ['\t# lxc.uts.name = a', { kind: 'comment' }],
  ['   ', { kind: 'blank' }],
  ['Lxc.uts.name = a', { kind: 'ignored' }],
  ['lxc.network.name: "eth0"', { kind: 'no-separator' }],
])('reads %j as LXC does', (text, parsed) => {
  expect(parseConfigLine(text)).toEqual(parsed);
});
