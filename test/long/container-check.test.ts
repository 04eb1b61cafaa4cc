import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endingSentences, writeEndingContainers } from '../rigs/ending-containers.ts';
import { RealBoard } from '../rigs/real-board.ts';

const sources = process.env['LXC_KIT_LXC_SOURCES'];

if (sources === undefined) {
  process.stderr.write(
    'The check of containers with a compiled LXC was NOT TESTED: LXC_KIT_LXC_SOURCES names no folder with lxc-VERSION.tar.gz\n',
  );
}

const RELEASES = [
  { lxc: '1.1.5', cgroup: 'v1' },
  { lxc: '2.0.8', cgroup: 'v1' },
  { lxc: '2.1.1', cgroup: 'v1' },
  { lxc: '3.0.3', cgroup: 'v1' },
  { lxc: '4.0.12', cgroup: 'v2' },
  { lxc: '5.0.3', cgroup: 'v2' },
  { lxc: '7.0.0', cgroup: 'v2' },
] as const;

test.runIf(sources !== undefined).each(RELEASES)(
  'LXC $lxc on cgroup $cgroup: what runs is as defined, what does not is named',
  async ({ lxc, cgroup }) => {
    const profile = writeEndingContainers({
      folder: `own-containers-${lxc}`,
      board: 'malta-mipsel',
      cgroup,
    });
    const board = new RealBoard(profile, `malta-mipsel-${cgroup}`);
    const built = await board.build('--source', `lxc=${join(sources ?? '', `lxc-${lxc}.tar.gz`)}`);
    expect(built.exitCode, built.stderr).toBe(0);
    const { exitCode, stdout, stderr } = await board.boot(['lxc-info -n system1 -s']);
    expect(stdout).toContain('RUNNING');
    for (const sentence of endingSentences) expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('container system1');
    expect(exitCode).toBe(5);
  },
);
