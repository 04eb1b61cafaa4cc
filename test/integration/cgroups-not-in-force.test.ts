import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, message, projectMaker } from './rig.ts';

/** The warnings of a build, one below the other. */
async function warningsOf(board: string, ...args: string[]): Promise<string> {
  const { events } = await buildWell(project, args, { board });
  return events
    .flatMap((event) => (event['type'] === 'warning' ? [String(event['message'])] : []))
    .join('\n');
}

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  await project.changeSource('kernel', (dir) => {
    const file = join(dir, 'Kconfig');
    const symbols = ['CMDLINE_BOOL', 'CMDLINE_FROM_BOOTLOADER'].map((name) => `config ${name}\n\tbool "x"\n`);
    const line = 'config CMDLINE\n\tstring "The command line"\n\tdepends on CMDLINE_BOOL\n';
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n${[...symbols, line].join('\n')}`);
  });
  project.write(
    'boards/line.config',
    'CONFIG_CMDLINE_BOOL=y\nCONFIG_CMDLINE="quiet cgroup_disable=memory cgroup_no_v1=pids"\n',
  );
});

const limited = (name: string): object => ({
  name,
  command: ['/bin/sh'],
  bind: ['/bin/sh', '/bin/busybox'],
  limits: { memory: '32M', pids: 64 },
});

test('a controller that the built-in command line switches off is named, with both places', async () => {
  project.writeBoard('line', {
    containers: [limited('first'), limited('second')],
    kernel: { fragments: ['lxc', './line.config'] },
  });
  const failed = await project.run(['build', '--board', 'line']);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/command-line-switches-off.txt');
  expect(failed.exitCode).toBe(4);
});

test('where the boot loader may replace it, that is a warning; without limits there is nothing to say', async () => {
  project.writeBoard('loader', {
    containers: [limited('first')],
    kernel: { fragments: ['lxc', './line.config'], config: { CMDLINE_FROM_BOOTLOADER: 'y' } },
  });
  expect(await warningsOf('loader', '--until', 'configure-kernel')).toContain(
    'boards/line.config:2:1 CONFIG_CMDLINE has cgroup_disable=memory',
  );
  project.writeBoard('free', { kernel: { fragments: ['lxc', './line.config'] } });
  expect(await warningsOf('free', '--until', 'configure-kernel')).not.toContain('cgroup_disable');
});

test('a word of auto is shown where it is written, with what LXC does', async () => {
  project.write(
    'boards/words.yaml',
    [
      'schema: 1',
      'name: words',
      'extends: [fake.yaml]',
      'containers:',
      '  - name: nested',
      '    command: [/bin/sh]',
      '    bind: [/bin/sh, /bin/busybox]',
      '    auto:',
      '      - proc:mixed',
      '      - cgroup-full:rw',
      '',
    ].join('\n'),
  );
  expect(await warningsOf('words')).toMatch(
    /boards\/words\.yaml:10:9 nested: with cgroup-full:rw LXC \S+ mounts only the container's own group/,
  );
});

test('a boot script of an overlay that mounts cgroup v1 on a v2 board is named, with its line', async () => {
  project.write(
    'boards/vendor/etc/init.d/S20vendor',
    '#!/bin/sh\nmkdir -p /sys/fs/cgroup/systemd\nmount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd\n',
  );
  project.writeBoard('vendor', { rootfs: { overlays: ['./vendor'] } });
  expect(await warningsOf('vendor')).toContain(
    'boards/vendor/etc/init.d/S20vendor:3:1 mounts cgroup v1 at /sys/fs/cgroup/systemd on a board with "cgroup: v2"',
  );
  expect(await warningsOf('fake')).not.toContain('mounts cgroup v1');
});
