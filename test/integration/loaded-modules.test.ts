import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker } from './rig.ts';

const makeProject = projectMaker();

/** Modules that a run of the command line imported: packages by name, files of lxc-kit as they lie in `dist`. */
function importsOf(project: TempProject, args: readonly string[]): { packages: string[]; own: string[] } {
  const log = join(project.dir, 'modules.log');
  rmSync(log, { force: true });
  const hook = pathToFileURL(shippedPath('test', 'rigs', 'log-modules.mjs')).href;
  const env = { LOGGED_MODULES: log, NODE_OPTIONS: `--import ${hook}` };
  // The installed program is bundled from these files; its bundles load the same modules as they do.
  const { status, stderr } = spawnSync(process.execPath, [shippedPath('dist', 'cli', 'main.js'), ...args], {
    cwd: project.dir,
    env: { ...project.env, ...env },
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const urls = readFileSync(log, 'utf8').split('\n');
  const named = (pattern: RegExp): string[] =>
    [...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))].sort();
  return { packages: named(/\/node_modules\/((?:@[^/]+\/)?[^/]+)/), own: named(/\/dist\/(.+)\.js$/) };
}

/** Files that a build with nothing to do does not load. Its knowledge about their work is in tables. */
const UNUSED =
  /^(?:containers\/emit|lxc-config\/render|lxc-adoption\/|emulator\/start|kconfig-(?:tree|advice)\/|images\/(?:ext4|newc|squashfs|tar)\.|download\/download|unpack\/extract|sources\/resolve)/;

test('the list of boards needs the reader of the command line and no other package', async () => {
  const project = await makeProject();
  project.write('boards/fake.yaml', 'schema: 1\ndescription: Stand-ins for everything\n');
  const { packages, own } = importsOf(project, ['boards']);
  expect(packages).toEqual(['commander']);
  expect(
    own.filter(
      (file) =>
        !/^(?:base\/|board\/|cgroups\/layouts$|cli\/|logging\/|session\/display-path$|yaml\/suggest-file$|host\/(?:log-tail|read-user-file)$)/.test(
          file,
        ),
    ),
  ).toEqual([]);
  expect(own.filter((file) => file.startsWith('board/'))).toEqual(['board/find-board']);
});

test('a build with nothing to do needs what reads profiles, and nothing that builds', async () => {
  const project = await makeProject();
  await buildWell(project);
  const { packages, own } = importsOf(project, ['build', '--board', 'fake']);
  // Not execa, handlebars, tar, undici and what they need.
  expect(packages).toEqual(['commander', 'yaml', 'zod']);
  expect(own).toContain('steps/index');
  expect(own.filter((file) => UNUSED.test(file))).toEqual([]);
});

test('the log of modules has what is used', async () => {
  const project = await makeProject();
  const { packages, own } = importsOf(project, ['build', '--board', 'fake']);
  expect(packages).toEqual(expect.arrayContaining(['execa', 'handlebars', 'tar', 'zod']));
  expect(own.some((file) => UNUSED.test(file))).toBe(true);
});
