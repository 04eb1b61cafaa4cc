import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';

const needed = (
  JSON.parse(readFileSync(shippedPath('package.json'), 'utf8')) as { engines: { node: string } }
).engines.node.replace('>=', '');

/** Runs a program in a Node.js that says it is another version. */
function runAs(version: string, ...args: string[]) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, ...args],
    {
      cwd: shippedPath(),
      encoding: 'utf8',
    },
  );
}

const text = (version: string): string =>
  [
    `error: lxc-kit needs Node.js ${needed} or later, but this is Node.js ${version} (${process.execPath})`,
    '  help: Debian 13 has it (apt-get install nodejs npm). Debian 12 has Node.js 18: there, run as root:',
    '        npm install --global node@22, or install it from https://nodejs.org/en/download',
    '',
  ].join('\n');

test.each([['boards'], ['build', '--board', 'stb-mipsel'], ['--help']])(
  'a Node.js that is too old is named by `lxc-kit %s`, before anything else',
  (...args) => {
    const { status, stdout, stderr } = runAs('18.19.0', CLI_FILE, ...args);
    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: '', stderr: text('18.19.0') });
  },
);

test('the last version that is too old, and the first that is not', () => {
  expect(needed).toBe('20.18.1');
  expect(runAs('20.18.0', CLI_FILE, 'boards').status).toBe(3);
  expect(runAs('20.9.4', CLI_FILE, 'boards').status).toBe(3);
  for (const version of ['20.18.1', '20.19.0', '22.0.0', '100.0.0']) {
    expect(runAs(version, CLI_FILE, 'boards')).toMatchObject({ status: 0, stderr: '' });
  }
});

test('npm says it too: each script that needs the right Node.js asks first', () => {
  const { scripts } = JSON.parse(readFileSync(shippedPath('package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const source =
    "import('./toolkit/check-node.mjs').then(({ checkNode }) => process.exit(checkNode('package.json') ? 0 : 3))";
  expect(scripts['check-node']).toBe(`node -e "${source}"`);
  expect(runAs('18.19.0', '-e', source)).toMatchObject({ status: 3, stderr: text('18.19.0') });
  const asks = /^npm run (?:-s )?(?:check-node|build)(?: |$)/;
  for (const name of ['build', 'lint', 'test', 'test:unit', 'test:integration', 'test:boot', 'test:long'])
    expect(scripts[name]).toMatch(asks);
  expect(scripts['prepare']).toMatch(/ \|\| npm run -s build$/);
});

test('the program may be run after every build', () => {
  expect(statSync(CLI_FILE).mode & 0o777).toBe(0o755);
  expect(spawnSync(CLI_FILE, ['boards'], { cwd: shippedPath(), encoding: 'utf8' })).toMatchObject({
    status: 0,
  });
});
