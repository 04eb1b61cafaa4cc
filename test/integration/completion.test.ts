import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI_FILE } from '../rigs/cli-path.ts';
import { TempProject } from '../rigs/temp-project.ts';

let project: TempProject;

beforeAll(async () => {
  project = await TempProject.create();
  // The scripts call lxc-kit by its name.
  project.write('bin/lxc-kit', `#!/bin/sh\nexec ${process.execPath} ${CLI_FILE} "$@"\n`);
  execFileSync('chmod', ['755', join(project.dir, 'bin', 'lxc-kit')]);
});
afterAll(() => project.remove());

async function script(shell: string): Promise<string> {
  const { exitCode, stdout } = await project.run(['completion', shell]);
  expect(exitCode).toBe(0);
  return stdout;
}

/** Completions that bash offers at the end of a line. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(' ');
  const program = `${await script('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
_lxc_kit
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', program], {
    cwd: project.dir,
    env: { ...project.env, PATH: `${join(project.dir, 'bin')}:${project.env['PATH'] ?? ''}` },
    encoding: 'utf8',
  });
  return output.split('\n').filter((word) => word !== '');
}

describe('bash', () => {
  test.each([
    ['lxc-kit b', ['build', 'boot', 'boards']],
    ['lxc-kit kconfig ', ['explain', 'fix', 'derive', 'audit', 'diff', 'savedefconfig', 'menuconfig']],
    ['lxc-kit build --inst', ['--install-host-tools']],
    ['lxc-kit build --log-format ', ['auto', 'plain', 'json']],
    ['lxc-kit plan --board fak', ['fake']],
    [
      'lxc-kit build --board fake --until build-',
      ['build-kernel', 'build-busybox', 'build-libcap', 'build-lxc'],
    ],
    ['lxc-kit explain --board fake pack-', ['pack-tar.gz', 'pack-cpio.gz']],
    ['lxc-kit completion ', ['bash', 'zsh', 'fish']],
  ])('%j', async (line, words) => {
    const found = await offered(line);
    const options = found.filter((word) => word.startsWith('-') && !words.includes(word));
    expect(found.filter((word) => !options.includes(word)).sort()).toEqual([...words].sort());
  });

  test('offers the symbols of the last build', async () => {
    await project.run(['build', '--board', 'fake', '--until', 'configure-kernel']);
    expect(await offered('lxc-kit kconfig explain --board fake CONFIG_VET')).toEqual(['CONFIG_VETH']);
  });

  test('runs nothing of what it offers', async () => {
    project.write('boards/$(touch hacked).yaml', 'schema: 1\nname: x\n');
    const names = await offered('lxc-kit plan --board ');
    expect(names).toContain('$(touch hacked)');
    expect(existsSync(join(project.dir, 'hacked'))).toBe(false);
    rmSync(join(project.dir, 'boards', '$(touch hacked).yaml'));
  });

  test('offers nothing, and prints nothing, where a profile cannot be read', async () => {
    expect(await offered('lxc-kit build --board none --until ')).toEqual([]);
  });
});

describe.each([
  ['zsh', ['zsh', '-n']],
  ['fish', ['fish', '--no-execute']],
])('%s', (shell, [program = '', ...args]) => {
  test('has a script that the shell takes', async () => {
    project.write(`completion.${shell}`, await script(shell));
    const file = join(project.dir, `completion.${shell}`);
    expect(() => execFileSync(program, [...args, file], { stdio: 'pipe' })).not.toThrow();
  });
});

test('fish offers what it finds', async () => {
  project.write('completion.fish', await script('fish'));
  const ask = (line: string): string =>
    execFileSync('fish', ['-c', `source completion.fish; complete -C '${line}'`], {
      cwd: project.dir,
      env: { ...project.env, PATH: `${join(project.dir, 'bin')}:${project.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    });
  expect(ask('lxc-kit kconfig au')).toMatch(/^audit\t/);
  expect(ask('lxc-kit build --board fake --until build-l')).toMatch(/^build-l/);
});

describe('man', () => {
  test('has every command and every option, and troff takes it without a warning', async () => {
    const { stdout } = await project.run(['man']);
    for (const part of ['.SS build', '.SS kconfig explain', '\\fB\\-\\-until\\fR', '.B 130'])
      expect(stdout).toContain(part);
    const said = execFileSync('groff', ['-man', '-ww', '-Tascii'], { input: stdout, stdio: 'pipe' });
    expect(said.toString()).toContain('LXC-KIT(1)');
  });
});

test('help fits a terminal of 40 columns', async () => {
  for (const command of [
    [],
    ['build'],
    ['boot'],
    ['kconfig'],
    ['kconfig', 'derive'],
    ['container', 'convert'],
  ]) {
    const { stdout } = await project.run([...command, '--help'], { env: { COLUMNS: '40' } });
    const long = stdout.split('\n').filter((line) => line.length > 40 && /\s\S/.test(line.trim()));
    expect(long).toEqual([]);
  }
});
