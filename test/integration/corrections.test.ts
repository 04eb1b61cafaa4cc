import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { build, buildWell, printed, projectMaker } from './rig.ts';

const create = projectMaker();

const FILE = 'sysklogd/syslogd.c';
const WITH_BUG = 'opts & OPT_locallog';
const CORRECTED = 'option_mask32 & OPT_locallog';

const correction = {
  file: FILE,
  reason: 'syslogd without -L records nothing but its own start',
  upstream: 'https://github.com/mirror/busybox/issues/115',
};

interface Manifest {
  readonly sources: readonly { readonly component: string; readonly corrections?: unknown }[];
}

test("a bug of BusyBox's release is corrected in a copy of the tarball's tree, and named", async () => {
  const project = await create();
  execFileSync('tar', [
    ...['-C', join(project.dir, 'sources')],
    ...['-cf', join(project.dir, 'busybox-1.37.0.tar'), 'busybox'],
  ]);
  const { events } = await buildWell(project, ['--source', 'busybox=busybox-1.37.0.tar']);
  const notes = events.filter(({ type, step }) => type === 'note' && step === 'build-busybox');
  expect(notes.map(({ message }) => message)).toContain(
    `${FILE} of busybox 1.37.0 is corrected: ${correction.reason} (${correction.upstream})`,
  );
  const { sources } = JSON.parse(project.read('out/fake/manifest.json')) as Manifest;
  expect(sources.filter((source) => 'corrections' in source)).toMatchObject([
    { component: 'busybox', corrections: [correction] },
  ]);
  const trees = execFileSync('find', [join(project.storeDir, 'trees'), '-path', `*/${FILE}`], {
    encoding: 'utf8',
  });
  const texts = trees
    .trim()
    .split('\n')
    .map((file) => readFileSync(file, 'utf8'));
  expect(texts).toHaveLength(2);
  expect(texts.filter((text) => text.includes(CORRECTED))).toHaveLength(1);
  expect(texts.filter((text) => text.includes(WITH_BUG))).toHaveLength(1);
  // The compiler reads the copy alone.
  const log = project.read('out/fake/logs/build-busybox.log');
  expect(log).toMatch(/trees\/busybox-corrected-[0-9a-f]{16}/);
  expect(log).not.toMatch(/trees\/busybox-(?!corrected)/);
});

test("a directory of the user's stays as it is, and one without the bug is not corrected", async () => {
  const project = await create();
  const file = join(project.sourceDir('busybox'), FILE);
  await buildWell(project);
  expect(readFileSync(file, 'utf8')).toContain(WITH_BUG);
  const corrected = (): boolean => {
    const { sources } = JSON.parse(project.read('out/fake/manifest.json')) as Manifest;
    return sources.some((source) => 'corrections' in source);
  };
  expect(corrected()).toBe(true);
  await project.changeSource('busybox', () => {
    writeFileSync(file, readFileSync(file, 'utf8').replace(WITH_BUG, CORRECTED));
  });
  await buildWell(project);
  expect(corrected()).toBe(false);
});

test('a source that has neither text stops before anything is compiled, and says what the correction is for', async () => {
  const project = await create();
  await project.changeSource('busybox', (dir) => {
    writeFileSync(join(dir, FILE), '/* rewritten */\n');
  });
  const { exitCode, stderr } = await project.run(['build', '--board', 'fake']);
  expect(exitCode).toBe(4);
  expect(printed(project, stderr)).toContain(
    [
      `error: ${FILE} of this busybox 1.37.0 does not have the text that lxc-kit corrects in it [STEP_FAILED]`,
      '  expected  if (!ENABLE_FEATURE_REMOTE_LOG || (opts & OPT_locallog)) {',
      '  or        if (!ENABLE_FEATURE_REMOTE_LOG || (option_mask32 & OPT_locallog)) {',
    ].join('\n'),
  );
  expect(stderr).toContain(correction.reason);
  const { outcomes } = await build(project);
  expect(outcomes['configure-busybox']).toBe('failed');
  expect(outcomes['build-busybox']).toBe('blocked');
});
