import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { emitContainer } from '../../../toolkit/containers/emit-container.ts';
import { parseConfigLine } from '../../../toolkit/lxc-keys/parse-config-line.ts';
import { fixture } from '../../rigs/fixture.ts';
import { containerFrom, device, target } from '../containers/rig.ts';

/** Lines of the document's container1.conf as docs/practice-document.md corrects them; undefined: left out. */
const CORRECTIONS: readonly { readonly line: RegExp; readonly to: string | undefined }[] = [
  // All of physical memory.
  { line: /^lxc\.cgroup\.devices\.allow = c 1:1 .*$/, to: undefined },
  // The kernel would get the comment.
  { line: /^(lxc\.cgroup\.devices\.allow = .*?) *#.*$/, to: '$1' },
  // Below the root filesystem of the container, wherever LXC mounts that.
  { line: /^(lxc\.mount\.entry = \S+) \/opt\/lxc\/container1\/(.*)$/, to: '$1 $2' },
  // LXC would skip it: /tmp is not below the root filesystem.
  { line: /^(lxc\.mount\.entry = tmpfs) \/tmp (.*)$/, to: '$1 tmp $2' },
];

const ADDED = [
  // Without it `lxc-start … hostname` has nothing to execute.
  'lxc.mount.entry = /bin/hostname bin/hostname none bind,ro,nosuid,nodev 0 0',
  // The program of `lxc-start` without a command; the default is /sbin/init, which the document takes away.
  'lxc.init_cmd = /bin/sh',
  // The meaning of a configuration without a network, written out.
  'lxc.network.type = none',
];

function settingsOf(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const parsed = parseConfigLine(line);
    return parsed.kind === 'setting' ? [`${parsed.key} = ${parsed.value}`] : [];
  });
}

function corrected(setting: string): string[] {
  const correction = CORRECTIONS.find(({ line }) => line.test(setting));
  if (correction === undefined) return [setting];
  return correction.to === undefined ? [] : [setting.replace(correction.line, correction.to)];
}

test('the definition gives container1.conf of the practice document, key for key', async () => {
  const definition = readFileSync(shippedPath('boards', 'containers', 'practice-container1.yaml'), 'utf8');
  const host = device({ path: '/bin/hostname', type: 'symlink', target: 'busybox' });
  const { configText, configPath } = await emitContainer(
    containerFrom(definition),
    target({ lxcVersion: '1.1.5', cgroup: 'v1-single', prefix: '/usr/local', host }),
  );
  const document = settingsOf(readFileSync(fixture('lxc-configs/practice-container1.conf'), 'utf8'));
  expect(document).toHaveLength(23);
  for (const { line } of CORRECTIONS) expect(document.some((setting) => line.test(setting))).toBe(true);
  expect(settingsOf(configText).sort()).toEqual([...document.flatMap(corrected), ...ADDED].sort());
  expect(configPath).toBe('/opt/lxc/container1.conf');
});
