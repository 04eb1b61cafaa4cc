import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { additions } from '../rigs/additions.ts';
import type { CliResult } from '../rigs/cli-process.ts';
import { KitCopy } from '../rigs/kit-copy.ts';
import { TempProject } from '../rigs/temp-project.ts';

/** The number of places that CONTRIBUTING promises: `| [an architecture](#…) | 2: … |`. */
function promisedPlaces(what: string): number {
  const text = readFileSync(shippedPath('.github', 'CONTRIBUTING.md'), 'utf8');
  const row = new RegExp(`^\\| (?:\\[${what}\\]\\([^)]*\\)|${what}) \\| (\\d)`, 'm').exec(text);
  if (row?.[1] === undefined) throw new Error(`CONTRIBUTING has no row for ${what}`);
  return Number(row[1]);
}

describe.each(additions)('$what', ({ what, changes }) => {
  const places = new Set(changes.map(({ file }) => file)).size;

  test('takes at most three places, as many as CONTRIBUTING says', () => {
    expect(places).toBeLessThanOrEqual(3);
    expect(places).toBe(promisedPlaces(what));
  });
});

describe('a copy of lxc-kit with one more of each', () => {
  let kit: KitCopy;
  let project: TempProject;
  let built: CliResult;

  function run(...args: readonly string[]): Promise<CliResult> {
    return project.run(args, { cliFile: kit.cliFile });
  }

  beforeAll(async () => {
    kit = new KitCopy();
    for (const addition of additions) kit.add(addition);
    kit.build();
    project = await TempProject.create({ withoutHostTools: ['qemu-system-mipsel'] });
    mkdirSync(join(project.dir, 'content', 'etc'), { recursive: true });
    writeFileSync(join(project.dir, 'content', 'etc', 'pretend'), 'content\n');
    project.writeBoard('new', {
      toolchain: { arch: 'pretend' },
      kernel: { fragments: ['lxc', 'pretend', 'pretend-machine'] },
      busybox: { sources: [{ pretend: '../sources/busybox' }] },
      containers: [
        {
          name: 'c1',
          kind: 'application',
          rootfs: { from: { pretend: '../content' } },
          command: ['/bin/sh'],
          bind: ['/bin/sh', '/bin/busybox', '/lib'],
        },
      ],
      images: ['cpio.gz', { pretend: { size: '1M' } }],
    });
    built = await run('build', '--board', 'new');
  }, 300_000);

  afterAll(async () => {
    kit.remove();
    await project.remove();
  });

  test('builds a board with them', () => {
    expect(built.exitCode, built.stderr).toBe(0);
  });

  test('takes a component from the new kind of source', () => {
    const { sources } = JSON.parse(project.read('out/new/manifest.json')) as {
      sources: { component: string; origin: string }[];
    };
    expect(sources.find(({ component }) => component === 'busybox')?.origin).toBe(
      join(project.dir, 'sources', 'busybox'),
    );
  });

  test('writes the new image, with the new content of a container, by the parameters of the profile', () => {
    const [size, ...paths] = project.read('out/new/images/rootfs.pretend').split('\n');
    expect(size).toBe('size 1048576');
    expect(paths).toContain('/opt/lxc/c1/etc/pretend');
  });

  test('has the new fragments, and the needs of the architecture, in the configurations', () => {
    expect(project.read('out/new/config/kernel.config')).toContain('CONFIG_DUMMY=y');
  });

  test('boots on the new machine, which the architecture names', async () => {
    const bin = join(project.dir, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'qemu-system-mipsel'),
      `#!/bin/sh\necho "$@" > ${join(project.dir, 'words')}\nexit 1\n`,
    );
    chmodSync(join(bin, 'qemu-system-mipsel'), 0o755);
    const { exitCode } = await project.run(['boot', '--board', 'new', '--run', 'true'], {
      cliFile: kit.cliFile,
      env: { PATH: `${bin}:${project.env['PATH'] ?? ''}` },
    });
    expect(exitCode).toBe(5);
    expect(project.read('words')).toMatch(/-M pretend-board\b.*-cpu pretend-cpu\b/);
    expect(project.read('words')).toContain('64M');
  });

  test('doctor names the package of the machine', async () => {
    const { stdout, stderr } = await run('doctor', '--board', 'new');
    expect(stdout + stderr).toContain('qemu-system-pretend');
  });

  test('the schema and the messages list them', async () => {
    const { stdout } = await run('schema');
    expect(stdout.split('"pretend"').length, 'the word in the schema').toBeGreaterThan(4);
    project.writeBoard('wrong', { lxc: { sources: [7] }, images: ['tar'], toolchain: { arch: 'vax' } });
    const { stderr } = await run('plan', '--board', 'wrong');
    expect(stderr).toContain('must be { pretend: DIR }, { version, url, sha256 }');
    expect(stderr).toMatch(/images\[0\] must be .*pretend/);
    expect(stderr).toMatch(/toolchain\.arch must be .*pretend/);
  });

  test('the new command runs', async () => {
    expect(await run('pretend')).toMatchObject({ exitCode: 0, stdout: 'it is there\n' });
  });

  test('the new series of LXC has the new key', async () => {
    project.write('c.conf', 'lxc.uts.name = c\nlxc.pretend = 1\n');
    const old = await run('container', 'convert', 'c.conf', '--to', '7.0.0');
    const now = await run('container', 'convert', 'c.conf', '--to', '9.0.0');
    expect(old.stdout).not.toContain('lxc.pretend = 1');
    expect(now.stdout).toContain('lxc.pretend = 1');
  });
});
