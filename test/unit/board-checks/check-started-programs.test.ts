import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic, type Diagnostic } from '../../../toolkit/base/diagnostic.ts';
import type { ElfProblem } from '../../../toolkit/programs/close-libraries.ts';
import { throwProblems } from '../../../toolkit/board-checks/check-started-programs.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

const bound = {
  name: 'web',
  rootfs: { path: '/opt/lxc/web', from: 'bind' },
  command: ['/bin/sh'],
  bind: ['/bin'],
};
const tarred = { name: 'box', rootfs: { path: '/srv/box', from: { tar: './box.tar' } }, command: ['/app'] };

/** The error that is thrown for problems of files and of containers. */
async function thrown(paths: readonly string[], ofContainers: readonly Diagnostic[] = []) {
  const dir = scratchDir();
  mkdirSync(join(dir, 'boards'));
  writeFileSync(join(dir, 'boards', 'box.tar'), '');
  const build = await sampleBuild(dir, { containers: [bound, tarred] });
  const problems = paths.map((path): ElfProblem => ({ path, message: `${path} is wrong`, help: 'build it' }));
  try {
    throwProblems(build, problems, ofContainers);
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    return { code: error.code, said: error.diagnostics.map((one) => formatDiagnostic(one).split('\n')[0]) };
  }
  return undefined;
}

test('nothing is thrown where nothing is wrong', async () => {
  expect(await thrown([])).toBeUndefined();
});

test("a file of the device is the build's, and has no place in the profile", async () => {
  expect(await thrown(['/usr/bin/tool', '/srv/boxes/tool', '/opt/lxc/web/app'])).toEqual({
    code: 'ELF_WRONG',
    said: ['/usr/bin/tool is wrong', '/srv/boxes/tool is wrong', '/opt/lxc/web/app is wrong'],
  });
});

test('a file out of a tar is shown where the profile names that, and makes the whole a mistake of the profile', async () => {
  expect(await thrown(['/usr/bin/tool', '/srv/box/bin/app'])).toEqual({
    code: 'CONTAINER_INVALID',
    said: [
      '/usr/bin/tool is wrong',
      expect.stringMatching(/^boards\/sample\.yaml:1:\d+ \/srv\/box\/bin\/app is wrong$/),
    ],
  });
});

test('reports problems of the programs that containers start, too', async () => {
  const location = { file: 'boards/x.yaml', line: 3, column: 5 };
  expect(await thrown([], [{ message: 'web starts nothing', location }])).toEqual({
    code: 'CONTAINER_INVALID',
    said: ['boards/x.yaml:3:5 web starts nothing'],
  });
  // A line of an included file that no profile names.
  expect(await thrown([], [{ message: 'web starts nothing' }])).toMatchObject({ code: 'ELF_WRONG' });
});
