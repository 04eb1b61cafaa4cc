import { expect, test } from 'vitest';
import { emitContainer } from '../../../toolkit/containers/emit-container.ts';
import { automaticMounts } from '../../../toolkit/lxc-config/automatic-mounts.ts';
import { networkLines } from '../../../toolkit/lxc-config/network-lines.ts';
import { overwrittenSettings } from '../../../toolkit/lxc-config/overwritten-settings.ts';
import { readSettings } from '../../../toolkit/lxc-config/read-settings.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import { LineWriter } from '../../../toolkit/lxc-keys/line-writer.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';
import { withIncludes } from '../../../toolkit/lxc-keys/read-config.ts';
import { containerFrom, readLines, target } from '../containers/rig.ts';

test.each([
  ['{ name: box, kind: system }', ['proc:mixed', 'sys:ro']],
  ['{ name: box, kind: system, bind: [{ from: /sys }] }', ['proc:mixed']],
  ['{ name: box, kind: system, mounts: [{ type: proc, to: /proc }] }', ['sys:ro']],
  ['{ name: box, kind: system, auto: ["cgroup"] }', ['cgroup']],
  ['{ name: web }', []],
])('%s mounts %j by itself', (yaml, words) => {
  expect(automaticMounts(containerFrom(yaml))).toEqual(words);
});

test.each([
  ['ipv4: 10.0.0.2/24, gateway: 10.0.0.1', []],
  ['ipv6: fd00::2/64, gateway6: "fd00::1"', []],
  ['ipv4: 10.0.0.2/24, gateway6: "fd00::1"', ['web: a gateway needs an address: ipv6 is missing']],
  ['ipv6: fd00::2/64, gateway: 10.0.0.1', ['web: a gateway needs an address: ipv4 is missing']],
])('an interface with %s', (yaml, errors) => {
  const problems = new ProblemList();
  const writer = new LineWriter('web', { lxcVersion: '5.0.2' }, problems);
  networkLines(containerFrom(`{ name: web, network: [{ type: veth, ${yaml} }] }`), writer, problems);
  expect(problems.errors.map(({ message }) => message)).toEqual(errors);
});

test('no capability to keep is one word, as LXC would keep all without a line', async () => {
  const { configText } = await emitContainer(
    containerFrom('{ name: web, capabilities: { keep: [] } }'),
    target(),
  );
  expect(configText).toContain('\nlxc.cap.keep = none\n');
});

test('a setting is overwritten by a later line of its own file, not by one that includes it', async () => {
  const findings = new Findings();
  const text = 'lxc.include = /common.conf\nlxc.tty.max = 1\nlxc.pty.max = 8\nlxc.pty.max = 9\n';
  const lines = await readLines(text, findings, { '/common.conf': 'lxc.tty.max = 4\n' });
  const overwritten = overwrittenSettings(readSettings(withIncludes(lines), findings));
  expect([...overwritten].map(([before, after]) => `${before.key} ${before.value} ${after.value}`)).toEqual([
    'lxc.pty.max 8 9',
  ]);
});
