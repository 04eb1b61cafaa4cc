import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { isAlive } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { message, processesOf, projectMaker } from './rig.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('box', {});
});

const CLI = `"${process.execPath}" "${CLI_FILE}"`;

const TIMEOUT_MS = 60_000 * Number(process.env['LXC_KIT_TIMEOUT_FACTOR'] ?? '1');

/** Runs a line of shell in a pseudo terminal, as script(1) of util-linux makes it. */
function inTerminal(command: string, input = '') {
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: project.dir,
    env: { ...project.env, TERM: 'xterm-256color', NO_COLOR: '1' },
    encoding: 'utf8',
    input,
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return { exitCode: status, screen: stdout.replaceAll('\r', '') };
}

// The menus of the fake trees switch on CONFIG_FAKE_TOUCHED, as a person would.
test.each([
  ['kernel', '', 'kernel.fragments'],
  ['busybox', ' --busybox', 'busybox.fragments'],
])('writes the changes made in the menus as a fragment: %s', (name, option, list) => {
  const { exitCode, screen } = inTerminal(
    `${CLI} kconfig menuconfig --board box${option} --write boards/${name}.config`,
  );
  expect(exitCode, screen).toBe(0);
  expect(project.read(`boards/${name}.config`)).toBe(
    `# box, ${name}: changed in menuconfig\nCONFIG_FAKE_TOUCHED=y\n`,
  );
  expect(screen).toContain(`wrote 1 line to boards/${name}.config\n`);
  expect(screen).toContain(`add it as the last of ${list} in boards/box.yaml: ./${name}.config\n`);
});

test('the fragment does what it says, and then there is nothing to change', async () => {
  project.write('boards/kernel.config', 'CONFIG_FAKE_TOUCHED=y\n');
  project.writeBoard('again', { kernel: { fragments: ['lxc', './kernel.config'] } });
  const { stdout, stderr } = await project.run(['kconfig', 'diff', 'box', 'again']);
  expect(stdout, stderr).toBe('only in again (1):\n  CONFIG_FAKE_TOUCHED=y\n');
  const { exitCode, screen } = inTerminal(`${CLI} kconfig menuconfig --board again`);
  expect(exitCode, screen).toBe(0);
  expect(screen).toContain('nothing was changed\n');
});

test('without --write it goes to stdout, which may be a file: the menus keep the terminal', () => {
  const { exitCode, screen } = inTerminal(`${CLI} kconfig menuconfig --board box > fragment`);
  expect(exitCode, screen).toBe(0);
  expect(project.read('fragment')).toBe('# box, kernel: changed in menuconfig\nCONFIG_FAKE_TOUCHED=y\n');
});

test('a file that is there keeps its other lines', () => {
  project.write('boards/mine.config', '# Mine\nCONFIG_TUN=y\n# CONFIG_FAKE_TOUCHED is not set\n');
  project.writeBoard('mine', { kernel: { fragments: ['lxc', './mine.config'] } });
  const { exitCode, screen } = inTerminal(
    `${CLI} kconfig menuconfig --board mine --write boards/mine.config`,
  );
  expect(exitCode, screen).toBe(0);
  expect(project.read('boards/mine.config')).toBe('# Mine\nCONFIG_TUN=y\n\nCONFIG_FAKE_TOUCHED=y\n');
  expect(screen).toContain('added 1 line to boards/mine.config\n');
  // It is among the fragments already.
  expect(screen).not.toContain('add it as');
});

test('a line of the profile that wins over every fragment is named', () => {
  project.writeBoard('inline', { kernel: { config: { CONFIG_FAKE_TOUCHED: 'n' } } });
  const { exitCode, screen } = inTerminal(`${CLI} kconfig menuconfig --board inline`);
  expect(exitCode, screen).toBe(0);
  expect(screen).toMatch(
    /^warning: CONFIG_FAKE_TOUCHED=n in boards\/inline\.yaml:\d+ wins over fragments: change it there$/m,
  );
});

test('without a terminal it says so at once', async () => {
  project.writeBoard('nowhere', {});
  const failed = await project.run(['kconfig', 'menuconfig', '--board', 'nowhere']);
  expect(failed).toMatchObject({ exitCode: 2, stdout: '' });
  await expect(message(project, failed)).toMatchFileSnapshot('printed/menuconfig-no-terminal.txt');
  expect(() => project.listOut('nowhere')).toThrow('ENOENT');
});

/** Makes the menus of the kernel a script. */
async function withMenus(script: string): Promise<TempProject> {
  const other = await create();
  other.writeBoard('box', {});
  await other.changeSource('kernel', (dir) => {
    const file = `${dir.slice(other.dir.length + 1)}/Makefile`;
    const recipe = /^menuconfig: prepare\n(?:\t.*\n)+/m;
    other.write(file, other.read(file).replace(recipe, `menuconfig: prepare\n\t@${script}\n`));
  });
  return other;
}

test('Ctrl-C is for the menus, and the terminal is left as it was', async () => {
  const other = await withMenus(
    "trap 'echo menus: asked; exit 1' INT; stty -echo -icanon -opost; echo menus: ready; sleep 30 & wait",
  );
  const command = `trap : INT; stty -g > before; ${CLI} kconfig menuconfig --board box; echo "exit code $?"; stty -g > after`;
  // stdin stays open until all is over: its end would be typed into the terminal too.
  const typed = `{ while ! grep -q 'menus: ready' screen 2> /dev/null; do sleep 0.1; done; printf '\\003'; while ! [ -s after ]; do sleep 0.1; done; }`;
  spawnSync('bash', ['-c', `${typed} | script -qfec '${command}' /dev/null > screen`], {
    cwd: other.dir,
    env: { ...other.env, TERM: 'xterm-256color', NO_COLOR: '1' },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const screen = other.read('screen');
  expect(screen).toContain('menus: asked\n');
  // Otherwise lxc-kit would have ended the menus.
  expect(screen).not.toMatch(/^interrupted\r?$/m);
  // Node.js sets the terminal again too, but only when it ends: until then lines would not begin on the left.
  expect(screen).toContain('[INTERRUPTED]\r\n');
  expect(screen).toContain('exit code 130\r\n');
  expect(other.read('after')).toBe(other.read('before'));
  expect(processesOf(other)).toEqual([]);
});

test('menus that end with an error are reported, and nothing is written', async () => {
  const other = await withMenus('echo "Your display is too small to run Menuconfig!"; exit 1');
  project = other;
  const { exitCode, screen } = inTerminal(`${CLI} kconfig menuconfig --board box --write boards/x.config`);
  expect(exitCode).toBe(4);
  expect(screen).toContain('error: make menuconfig ended with exit code 2');
  expect(() => other.read('boards/x.config')).toThrow('ENOENT');
});

test('keeps the saved changes when the menus end badly', async () => {
  project = await withMenus(
    'echo CONFIG_TUN=y >> $(objtree)/.config; sh $(CONF) olddefconfig; kill -KILL $$$$',
  );
  const { exitCode, screen } = inTerminal(`${CLI} kconfig menuconfig --board box > fragment`);
  expect(exitCode, screen).toBe(0);
  expect(project.read('fragment')).toBe('# box, kernel: changed in menuconfig\nCONFIG_TUN=y\n');
});

test('SIGTERM ends the menus too', async () => {
  project = await withMenus('echo $$$$ > $(objtree)/pid; exec sleep 60');
  const script = [
    // Without this the shell gives a job in the background /dev/null to read from.
    'exec 3<&0',
    `${CLI} kconfig menuconfig --board box <&3 &`,
    'kit=$!',
    'while ! find out -name pid -size +0 2> /dev/null | grep -q .; do sleep 0.1; done',
    'find out -name pid -exec cat {} + > menus',
    'kill -TERM $kit',
    'wait $kit',
    'echo "exit code $?"',
  ];
  project.write('run.sh', `${script.join('\n')}\n`);
  const { screen } = inTerminal('sh run.sh');
  expect(screen).toContain('exit code 130');
  expect(isAlive(Number(project.read('menus')))).toBe(false);
  expect(processesOf(project)).toEqual([]);
});
