import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fragmentNames, locateFragment, readFragments } from '../../../toolkit/kconfig/read-fragment.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

function folder(): string {
  const dir = scratchDir();
  writeFiles(dir, {
    'lxc.config': 'CONFIG_A=y\n',
    'cgroup-v2.config': 'CONFIG_B=yes\n',
    README: '',
    'dir.config/x': '',
  });
  return dir;
}

test('a name is looked for in the folder, a path is taken as it is', () => {
  const place = { dir: '/kit/kconfig-fragments', shownAs: 'kconfig-fragments' };
  const shown = (file: string): string => file.replace('/home/me/', '');
  expect(locateFragment('lxc', place, shown)).toEqual({
    file: '/kit/kconfig-fragments/lxc.config',
    shownAs: 'kconfig-fragments/lxc.config',
  });
  const own = { file: '/home/me/vendor.config', shownAs: 'vendor.config' };
  expect(locateFragment('/home/me/vendor.config', place, shown)).toEqual(own);
});

test('the names of a folder', () => {
  expect(fragmentNames(folder())).toEqual(['cgroup-v2', 'dir', 'lxc']);
  expect(fragmentNames('/no/such/folder')).toEqual([]);
});

test('the problems of all fragments come back together', () => {
  const dir = folder();
  const at = (name: string) => ({ file: join(dir, name), shownAs: `f/${name}` });
  const names = ['lxc.config', 'cgroup-v2.config', 'cgroup-v1.config', 'nothing.config', 'dir.config'];
  const { layers, problems } = readFragments(names.map(at));
  expect(layers.flatMap(({ lines }) => lines.map(({ symbol }) => symbol))).toEqual(['CONFIG_A']);
  expect(problems.map(({ message, help }) => [message, help])).toEqual([
    ['CONFIG_B is "yes", which Kconfig does not accept', 'write CONFIG_B=y'],
    ['the fragment f/cgroup-v1.config does not exist', 'did you mean "cgroup-v2"?'],
    ['the fragment f/nothing.config does not exist', undefined],
    ['the fragment f/dir.config is a folder, not a regular file', undefined],
  ]);
});

test('warnings of all fragments come back too, and a file that is no fragment does not fill the screen', () => {
  const dir = scratchDir();
  writeFiles(dir, { 'a.config': 'CONFIG_A=y\nCONFIG_A=m\n', 'page.config': '<html>\n'.repeat(5000) });
  const at = (name: string) => ({ file: join(dir, name), shownAs: name });
  const { problems, warnings } = readFragments([at('a.config'), at('page.config')]);
  expect(warnings.map(({ message }) => message)).toEqual([
    'CONFIG_A is =y in line 1 and =m here; the last one counts',
  ]);
  expect(problems).toHaveLength(21);
  expect(problems.at(-1)).toEqual({ message: 'page.config has 4980 more such lines' });
});
