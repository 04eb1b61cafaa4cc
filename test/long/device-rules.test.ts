import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { convertConfig } from '../../toolkit/lxc-adoption/convert-config.ts';
import { Findings } from '../../toolkit/lxc-keys/findings.ts';
import { RealBoard } from '../rigs/real-board.ts';
import { readLines } from '../unit/containers/rig.ts';

const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-devices-'));

afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** Rules as a configuration for cgroup v1 has them, and which opens of /dev/zero and /dev/urandom pass. */
const CASES: readonly { readonly rules: readonly string[]; readonly passes: string }[] = [
  {
    rules: ['deny = a', 'allow = c 1:5 rw', 'deny = c 1:5 w'],
    passes: 'zero-r',
  },
  {
    rules: ['deny = c 1:5 rwm'],
    passes: 'urandom-r urandom-w urandom-rw',
  },
  {
    rules: ['deny = a', 'allow = c 1:5 r', 'allow = c 1:5 w'],
    passes: 'zero-r zero-w zero-rw',
  },
  { rules: ['deny = a'], passes: '' },
  {
    rules: ['deny = a', 'allow = c *:* rwm', 'deny = c 1:5 rwm'],
    passes: 'zero-r zero-w zero-rw urandom-r urandom-w urandom-rw',
  },
];

/** Starts a container with more lines and prints the opens that pass in it. */
const TRY = `\
#!/bin/sh
# try-devices NAME FILE
grep -v '^lxc.start' /opt/lxc/system1.conf > /tmp/$1.conf
cat $2 >> /tmp/$1.conf
lxc-start -n $1 -f /tmp/$1.conf && lxc-wait -n $1 -s RUNNING -t 60 || exit
passes=
for device in zero urandom; do
	for open in 'r <' 'w >' 'rw <>'; do
		lxc-attach -n $1 -- sh -c "exec 3\${open#* }/dev/$device" 2>/dev/null && passes="$passes $device-\${open% *}"
	done
done
echo "$1:$passes"
lxc-stop -n $1 -k
`;

/** The rules of a case for a layout, by the converter. */
async function rulesFor(rules: readonly string[], cgroup: 'v1' | 'v2'): Promise<string> {
  const findings = new Findings();
  const text = `lxc.uts.name = a\n${rules.map((rule) => `lxc.cgroup.devices.${rule}\n`).join('')}`;
  const lines = await readLines(text, findings);
  return convertConfig(lines, { lxcVersion: '5.0.2', cgroup }, findings).replace('lxc.uts.name = a\n', '');
}

describe.each(['v2', 'v1'] as const)('on cgroup %s', (cgroup) => {
  const profile = join(dir, `malta-devices-${cgroup}.yaml`);
  const malta = new RealBoard(profile, `malta-devices-${cgroup}`);

  beforeAll(async () => {
    const overlay = join(dir, cgroup);
    mkdirSync(join(overlay, 'usr/bin'), { recursive: true });
    writeFileSync(join(overlay, 'usr/bin/try-devices'), TRY, { mode: 0o755 });
    mkdirSync(join(overlay, 'etc/devices'), { recursive: true });
    for (const [i, { rules }] of CASES.entries())
      writeFileSync(join(overlay, 'etc/devices', `case${i}`), await rulesFor(rules, cgroup));
    writeFileSync(
      profile,
      `schema: 1\nname: malta-devices-${cgroup}\nextends: [${shippedPath('boards', 'malta-mipsel.yaml')}]\n` +
        `cgroup: ${cgroup}\nrootfs: { overlays: [${overlay}] }\nimages: [cpio.gz]\n`,
    );
    const { exitCode, stderr } = await malta.build();
    expect(stderr).not.toContain('error:');
    expect(exitCode).toBe(0);
  });

  test('the same opens pass as on cgroup v1', async () => {
    const { stdout } = await malta.boot(
      CASES.map((_, i) => `try-devices case${i} /etc/devices/case${i}`),
      '--timeout',
      '900',
    );
    const found = CASES.map((_, i) => new RegExp(`^case${i}:(.*)$`, 'm').exec(stdout)?.[1]?.trim());
    expect(found).toEqual(CASES.map(({ passes }) => passes));
  });
});
