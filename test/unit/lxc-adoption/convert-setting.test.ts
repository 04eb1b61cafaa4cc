import { expect, test } from 'vitest';
import { convertConfig } from '../../../toolkit/lxc-adoption/convert-config.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import { problemsOf, readLines } from '../containers/rig.ts';

async function converted(text: string, lxcVersion: string): Promise<string> {
  const findings = new Findings();
  return convertConfig(await readLines(text, findings), { lxcVersion, cgroup: undefined }, findings);
}

test.each([
  ['relative', '2.1.1', '3.0.0'],
  ['idmap=container', '4.0.6', '4.0.7'],
])('the mount option %s is refused for LXC %s and kept for %s', async (option, before, since) => {
  const text = `lxc.mount.entry = /a mnt none bind,${option} 0 0\n`;
  expect(await problemsOf(() => converted(text, before))).toHaveLength(1);
  expect(await converted(text, since)).toBe(text);
});

test('a storage type with a key of its own goes before the path', async () => {
  const text = 'lxc.rootfs = /srv/disk.img\nlxc.rootfs.backend = loop\n';
  expect(await converted(text, '5.0.3')).toBe('lxc.rootfs.path = loop:/srv/disk.img\n');
});
