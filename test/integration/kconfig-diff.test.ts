import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { message, printed, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('other', {
    kernel: { config: { CONFIG_TUN: 'y', CONFIG_VETH: 'n', CONFIG_FAKE_NUMBER: '0x200' } },
    containers: [],
  });
});

async function diff(...args: string[]) {
  const result = await project.run(['kconfig', 'diff', ...args]);
  return { ...result, stdout: printed(project, result.stdout) };
}

test('two boards are compared by their final configurations', async () => {
  const result = await diff('fake', 'boards/other.yaml');
  expect(result.exitCode, result.stderr).toBe(0);
  await expect(result.stdout).toMatchFileSnapshot('printed/kconfig-diff.txt');
});

test('a board is the same as itself', async () => {
  expect(await diff('fake', 'boards/fake.yaml')).toMatchObject({ exitCode: 0, stdout: 'no difference\n' });
});

test('two files are compared by meaning, whatever editor wrote them', async () => {
  project.write('a.config', '# one\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_N=0x0F\n');
  project.write('b.config', '\uFEFFCONFIG_N=0xf\r\nCONFIG_B=m\r\nCONFIG_A=y\r\n');
  expect(await diff('a.config', 'b.config')).toEqual({
    exitCode: 0,
    signal: undefined,
    stdout: 'no difference\n',
    stderr: '',
  });
  project.write('b.config', 'CONFIG_B=y\nCONFIG_A=y\nCONFIG_E="x"\n');
  expect((await diff('a.config', './b.config')).stdout).toBe(
    [
      'only in a.config (1):',
      '  CONFIG_N=0x0F',
      '',
      'only in ./b.config (1):',
      '  CONFIG_E="x"',
      '',
      'different in a.config and ./b.config (1):',
      '  CONFIG_B  m -> y',
      '',
    ].join('\n'),
  );
});

test('a board and a file, as JSON', async () => {
  project.write('saved', 'CONFIG_TUN=y\n');
  const result = await diff('fake', 'saved', '--json');
  expect(result.exitCode, result.stderr).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({
    a: { name: 'fake', kind: 'board', version: '6.1.999' },
    b: { name: 'saved', kind: 'file' },
    onlyInB: [{ symbol: 'CONFIG_TUN', value: 'y' }],
    different: [],
  });
});

test('--busybox compares what BusyBox gets; --out has a folder for each board', async () => {
  project.writeBoard('small', { busybox: { fragments: ['static'] } });
  const result = await diff('fake', 'small', '--busybox', '--out', 'elsewhere');
  expect(result.exitCode, result.stderr).toBe(0);
  expect(result.stdout).toMatch(/^(?:only in|different in|no difference)/);
  expect(project.listOut('../elsewhere').map((path) => path.split('/')[0])).toEqual(
    expect.arrayContaining(['fake', 'small']),
  );
});

test.each([
  ['nothing', ['fake', 'no/such.config']],
  ['device', ['fake', '/dev/zero']],
  ['misspelt', ['fake', 'fakee']],
  ['no-config', ['empty.config', 'a.config']],
  ['malformed', ['bad.config', 'a.config']],
  ['one', ['fake']],
])('refuses what it cannot compare: %s', async (name, args) => {
  project.write('empty.config', '# nothing\n');
  project.write('bad.config', 'CONFIG_A=yes\n<<<<<<< HEAD\n');
  const result = await project.run(['kconfig', 'diff', ...args]);
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  await expect(message(project, result)).toMatchFileSnapshot(`printed/kconfig-diff-${name}.txt`);
});

test('any .config or defconfig is taken, whatever tree it is of and whatever its values would do in a build', async () => {
  project.write(
    'vendor.config',
    [
      '# Linux/arm 4.9.44 Kernel Configuration',
      'CONFIG_PHYS_OFFSET=8000000',
      'CONFIG_NDK_LDFLAGS="-nostdlib ${SYSROOT}/crt.o"',
      'CONFIG_BINDER_DEVICES=binder,hwbinder',
      '# CONFIG_TUN is not set',
    ].join('\n'),
  );
  project.write('none.config', 'CONFIG_TUN=y\n');
  const result = await project.run(['kconfig', 'diff', 'vendor.config', 'none.config', '--json']);
  expect(result.exitCode, result.stderr).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({
    onlyInA: [
      { symbol: 'CONFIG_BINDER_DEVICES', value: 'binder,hwbinder' },
      { symbol: 'CONFIG_NDK_LDFLAGS', value: '"-nostdlib ${SYSROOT}/crt.o"' },
      { symbol: 'CONFIG_PHYS_OFFSET', value: '8000000' },
    ],
    onlyInB: [{ symbol: 'CONFIG_TUN', value: 'y' }],
  });
});
