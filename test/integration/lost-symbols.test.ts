import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { build, buildWell, message, projectMaker, stampedSteps } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

test('a required symbol that is lost stops the build before anything is compiled', async () => {
  // CPUSETS depends on SMP, which the fake malta can have but nothing requests.
  project.write('boards/vendor.config', '# Of the vendor.\nCONFIG_CPUSETS=y\n');
  project.writeBoard('lost', {
    kernel: { fragments: ['lxc', './vendor.config'], require: ['CONFIG_CPUSETS', 'CONFIG_VETH'] },
  });
  const failed = await project.run(['build', '--board', 'lost']);
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/required-symbol-lost.txt');
  expect(stampedSteps(project, 'lost').filter((step) => step.startsWith('build-'))).toEqual([]);
  expect(failed.stderr).not.toContain('> build-');
  expect(project.listOut('lost')).not.toContain('config/kernel.config');
});

test('requesting its dependency too fixes it', async () => {
  project.write('boards/vendor.config', 'CONFIG_SMP=y\nCONFIG_CPUSETS=y\n');
  const { events } = await buildWell(project, ['--until', 'configure-kernel'], { board: 'lost' });
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  expect(project.read('out/lost/config/kernel.config')).toContain('CONFIG_CPUSETS=y\n');
});

test('a symbol that a container needs and that is not requested stops the build too', async () => {
  project.writeBoard('needy', {
    kernel: { fragments: [], config: { CONFIG_MACVLAN: 'n' } },
    containers: [
      {
        name: 'net',
        command: ['/bin/sh'],
        bind: ['/bin/sh', '/bin/busybox'],
        network: [{ type: 'macvlan', link: 'eth0' }],
      },
    ],
  });
  const failed = await project.run(['build', '--board', 'needy']);
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/container-symbol-lost.txt');
});

test('a symbol that is only asked for is warned of, and the build goes on', async () => {
  project.write('boards/hopeful.config', 'CONFIG_NO_SUCH_THING=y\nCONFIG_VETH=m\nCONFIG_FAKE_NUMBER=0x200\n');
  project.writeBoard('hopeful', {
    kernel: { fragments: ['lxc', './hopeful.config'], config: { CONFIG_LOCALVERSION: '-mine' } },
    images: ['tar.gz'],
  });
  const built = await project.run(['build', '--board', 'hopeful']);
  expect(built.exitCode, built.stderr).toBe(0);
  const warnings = message(project, built)
    .split('\n')
    .filter((line) => line.startsWith('warning:'));
  await expect(`${warnings.join('\n')}\n`).toMatchFileSnapshot('printed/symbol-lost-warning.txt');
  const report = JSON.parse(project.read('out/hopeful/config/kernel.audit.json')) as {
    symbol: string;
    kind: string;
  }[];
  const own = report.filter(({ kind }) => kind !== 'optional');
  expect(own.map(({ kind, symbol }) => `${kind} ${symbol}`)).toEqual([
    'changed CONFIG_VETH',
    'unknown CONFIG_NO_SUCH_THING',
    // Not a warning: later lines are there to override earlier ones.
    'overridden CONFIG_VETH',
  ]);
  expect(project.read('out/hopeful/config/kernel.config')).toMatch(/^CONFIG_LOCALVERSION="-mine"$/m);
  expect(project.read('out/hopeful/config/kernel.config')).toMatch(/^CONFIG_FAKE_NUMBER=0x200$/m);
});

test('more lost symbols than fit on a screen are counted', async () => {
  const many = Array.from({ length: 40 }, (_, index) => `CONFIG_NO_SUCH_${index}=y\n`).join('');
  project.write('boards/hopeful.config', many);
  const { events } = await build(project, ['--until', 'configure-kernel'], { board: 'hopeful' });
  const warnings = events.filter(({ type }) => type === 'warning').map(({ message }) => String(message));
  expect(warnings).toHaveLength(16);
  expect(warnings.at(-1)).toBe(
    '25 more such symbols are listed in config/kernel.audit.json of the out directory',
  );
});

test('a symbol of BusyBox that is lost is warned of', async () => {
  project.write('boards/busybox.config', 'CONFIG_NO_SUCH_APPLET=y\n');
  project.writeBoard('applet', { busybox: { fragments: ['static', 'lxc', './busybox.config'] } });
  const { events } = await build(project, ['--until', 'configure-busybox'], { board: 'applet' });
  expect(events.filter(({ type }) => type === 'warning').map(({ message }) => message)).toEqual([
    'CONFIG_NO_SUCH_APPLET  asked =y in boards/busybox.config:1, but this tree has no such symbol',
  ]);
});
