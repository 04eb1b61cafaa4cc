import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { build, message, projectMaker, stampedSteps } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeEach(async () => {
  project = await create();
});

const SHA256 = 'a'.repeat(64);

async function setLxcVersion(version: string): Promise<void> {
  await project.changeSource('lxc', (dir) =>
    replaceIn(join(dir, 'meson.build'), /'5\.0\.2'/, `'${version}'`),
  );
}

async function setKernelVersion(version: string): Promise<void> {
  const [major = '', minor = '', sub = '0'] = version.split('.');
  await project.changeSource('kernel', (dir) => {
    const makefile = join(dir, 'Makefile');
    replaceIn(makefile, /^VERSION = .*$/m, `VERSION = ${major}`);
    replaceIn(makefile, /^PATCHLEVEL = .*$/m, `PATCHLEVEL = ${minor}`);
    replaceIn(makefile, /^SUBLEVEL = .*$/m, `SUBLEVEL = ${sub}`);
  });
}

function replaceIn(file: string, pattern: RegExp, text: string): void {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(pattern, text);
  if (after === before) throw new Error(`${file} has nothing to replace`);
  writeFileSync(file, after);
}

describe('versions that the profile or the command line states', () => {
  test.each(['plan', 'build'])('%s refuses them before anything is fetched', async (command) => {
    project.writeBoard('old', {
      cgroup: 'v1',
      kernel: { sources: [{ version: '4.9.337', url: 'https://example.org/linux.tar.xz', sha256: SHA256 }] },
      lxc: { sources: [{ version: '7.0.0', url: 'https://example.org/lxc.tar.gz', sha256: SHA256 }] },
    });
    const refused = await project.run([command, '--board', 'old']);
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toBe('');
    await expect(message(project, refused)).toMatchFileSnapshot('printed/fit/told-by-the-profile.txt');
    expect(existsSync(project.outDir('old'))).toBe(false);
  });

  test('by the names of tarballs, also of those given with --source', async () => {
    project.write('linux-4.9.tar.xz', '');
    project.write('lxc-7.0.0.tar.gz', '');
    const sources = ['--source', 'kernel=linux-4.9.tar.xz', '--source', 'lxc=lxc-7.0.0.tar.gz'];
    const refused = await project.run(['plan', '--board', 'fake', ...sources]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(
      'LXC 7.0 needs Linux 5.6; this board has 4.9: the newest that fits is 6.0',
    );
    await expect(message(project, refused)).toMatchFileSnapshot('printed/fit/told-by-names.txt');
  });

  test('by the Makefile of a tree, whatever its folder is called', async () => {
    await setKernelVersion('4.9');
    project.writeBoard('old', {
      containers: [{ name: 'web', bind: ['/bin/sh'], devices: { allow: ['null'] } }],
    });
    const refused = await project.run(['plan', '--board', 'old']);
    expect(refused.exitCode).toBe(2);
    await expect(message(project, refused)).toMatchFileSnapshot('printed/fit/told-by-a-tree.txt');
  });

  test('come from the first of two sources', async () => {
    project.writeBoard('two', {
      cgroup: 'v1',
      lxc: {
        sources: [
          { path: '../not-here/lxc-7.0.0.tar.gz' },
          { version: '5.0.2', url: 'https://example.org/lxc.tar.gz', sha256: SHA256 },
        ],
      },
    });
    const planned = await project.run(['plan', '--board', 'two']);
    expect(planned.stderr).toBe('');
    expect(planned.exitCode).toBe(0);
  });
});

describe('versions that only the sources state', () => {
  test('stop the build before anything is configured or compiled', async () => {
    await setKernelVersion('5.2.1');
    await setLxcVersion('7.0.0');
    for (const component of ['kernel', 'lxc'] as const) {
      const file = join(project.dir, `vendor-${component}-99.tar.gz`);
      execFileSync('tar', ['-czf', file, '-C', join(project.dir, 'sources'), component]);
    }
    project.writeBoard('vendor', {});
    const sources = ['kernel', 'lxc'].flatMap((one) => ['--source', `${one}=vendor-${one}-99.tar.gz`]);
    const planned = await project.run(['plan', '--board', 'vendor', ...sources]);
    expect(planned.stderr).toBe('');
    expect(planned.exitCode).toBe(0);

    const refused = await project.run(['build', '--board', 'vendor', ...sources]);
    expect(refused.exitCode).toBe(2);
    await expect(message(project, refused)).toMatchFileSnapshot('printed/fit/told-by-the-sources.txt');
    const started = stampedSteps(project, 'vendor').filter((step) =>
      /^(?:configure-kernel|build-)/.test(step),
    );
    expect(started).toEqual([]);
  });

  test('cause a warning when they are unsupported, or work in part', async () => {
    await setLxcVersion('7.0.0');
    const built = await build(project, ['--until', 'check-versions']);
    expect(built.exitCode).toBe(0);
    const warnings = built.events.filter(({ type }) => type === 'warning').map(({ message }) => message);
    expect(warnings).toEqual([
      expect.stringMatching(/^LXC 7\.0 is made for Linux 6\.12 and later, .* 6\.1\.999/),
    ]);
  });
});
