import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FakeTerminal } from '../rigs/fake-terminal.ts';
import { waitUntil } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { TmuxTerminal } from '../rigs/tmux-terminal.ts';
import { processesOf, projectMaker } from './rig.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('broken', { kernel: { config: { CONFIG_FAKE_FAIL: 'y' } } });
  project.writeBoard('typo', { kernel: { imgae: 'vmlinux' } });
});

/** Runs the command line in a pseudo terminal, as script(1) of util-linux makes it; gives what a person sees there. */
function runInTerminal(columns: number, args: string, env: Record<string, string> = {}) {
  const command = `stty cols ${columns} rows 24; exec "${process.execPath}" "${CLI_FILE}" ${args}`;
  const { status, stdout, error } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: project.dir,
    env: { ...project.env, TERM: 'xterm-256color', ...env },
    encoding: 'utf8',
    input: '',
  });
  if (error !== undefined) throw error;
  const terminal = new FakeTerminal(columns);
  terminal.write(stdout);
  return { exitCode: status, raw: stdout, screen: terminal.screen(), cursorVisible: terminal.cursorVisible };
}

/** A live line: a step, for how long it runs, and what it is doing. */
const LIVE_LINE = /^[a-z-]+ {2}\d+:\d\d\b/;

describe('a terminal of 40 columns', () => {
  test('shows a build without a line that wraps', () => {
    const { exitCode, raw, screen, cursorVisible } = runInTerminal(40, 'build --board fake --out out/narrow');
    expect(exitCode, raw).toBe(0);
    const finished = screen.filter((row) => row.includes(': built in '));
    expect(finished, screen.join('\n')).toHaveLength(17);
    // The step's name is still whole, and what does not fit is cut with a sign.
    for (const row of finished) expect(row).toMatch(/^[a-z.-]+: built in .*…$/);
    expect(screen.filter((row) => LIVE_LINE.test(row))).toEqual([]);
    expect(raw).toMatch(/build-lxc\S* {2}0:0\d/);
    expect(screen).toEqual(expect.arrayContaining(['out/narrow/images/rootfs.tar.gz']));
    expect(cursorVisible).toBe(true);
  });

  test('shows the table at the end within its width', () => {
    const { screen } = runInTerminal(40, 'build --board fake --out out/table --until configure-kernel');
    const start = screen.findIndex((row) => row.startsWith('step '));
    expect(screen.slice(start, start + 4).map((row) => row.replace(/\d\.\d$/, '<n>'))).toEqual([
      'step              outcome   seconds',
      'fetch-kernel      built         <n>',
      'check-toolchain   built         <n>',
      'fetch-lxc         built         <n>',
    ]);
  });

  test('shows the end of the log of what failed', () => {
    const { exitCode, screen, cursorVisible } = runInTerminal(40, 'build --board broken');
    expect(exitCode).toBe(4);
    const start = screen.findIndex((row) => row.startsWith('error: '));
    expect(screen.slice(start, start + 2)).toEqual([
      'error: build-kernel stopped: make ended',
      'with exit code 2 [STEP_FAILED]',
    ]);
    expect(screen).toContain('  drivers/fake/fake.c:42:9: error: impli');
    expect(screen.filter((row) => LIVE_LINE.test(row))).toEqual([]);
    expect(cursorVisible).toBe(true);
  });

  test('shows a mistake in a profile', () => {
    const { exitCode, screen } = runInTerminal(40, 'plan --board typo');
    expect(exitCode).toBe(2);
    expect(screen).toEqual([
      'boards/typo.yaml:8:5 kernel has no key "',
      'imgae"',
      '        "imgae": "vmlinux"',
      '        ~~~~~~~',
      '  help: did you mean "image"?',
      '1 problem found',
    ]);
  });
});

test('a terminal of 10 columns does not upset it', () => {
  const { exitCode, screen, raw } = runInTerminal(
    10,
    'build --board fake --out out/tiny --until configure-kernel',
  );
  expect(exitCode, raw).toBe(0);
  expect(screen.filter((row) => LIVE_LINE.test(row))).toEqual([]);
});

test.each([
  [40, /build-lxc\S* {2}0:0\d \(last time 1:40\)/],
  [20, /build-lxc\S* {2}0:0\d(?! \()/],
])('at %i columns it shows how long a step took the last time, and wraps nothing', (columns, live) => {
  const out = `out/estimated-${columns}`;
  // As if each step had taken 100 s.
  const steps = Object.fromEntries(
    readdirSync(`${project.outDir('narrow')}/.lxc-kit/stamps`).map((name) => [
      name.replace(/\.json$/, ''),
      { seconds: 100 },
    ]),
  );
  project.write('store/timings/fake.json', JSON.stringify({ schema: 1, steps }));
  const env = { LXC_KIT_STORE_LIMIT: '0' };
  const { exitCode, raw, screen, cursorVisible } = runInTerminal(
    columns,
    `build --board fake --out ${out}`,
    env,
  );
  expect(exitCode, raw).toBe(0);
  expect(raw.replace(/\x1b\[\d+m/g, '')).toMatch(live);
  expect(screen.filter((row) => LIVE_LINE.test(row))).toEqual([]);
  expect(cursorVisible).toBe(true);
});

test('colours only where they are wanted', () => {
  const colours = /\x1b\[\d+m/;
  const args = 'build --board broken --out out/colour';
  expect(runInTerminal(80, args).raw).toMatch(colours);
  expect(runInTerminal(80, args, { NO_COLOR: '1' }).raw).not.toMatch(colours);
  for (const env of [{ TERM: 'dumb' }, { CI: 'true' }]) {
    expect(runInTerminal(80, args, env).raw, JSON.stringify(env)).not.toContain('\x1b');
  }
  expect(runInTerminal(80, `${args} --log-format plain`).raw).not.toContain('\x1b');
});

test('Ctrl-C ends what runs and gives the cursor back', () => {
  project.writeBoard('slow', { kernel: { config: { CONFIG_FAKE_SLOW: 'y' } } });
  // The terminal's own Ctrl-C: script passes the byte on, and the line discipline makes it a SIGINT.
  const command = `stty cols 80 rows 24; exec "${process.execPath}" "${CLI_FILE}" build --board slow`;
  const shell = `{ while ! find out/slow/work -name fake-slow.pid 2> /dev/null | grep -q .; do sleep 0.1; done; printf '\\003'; sleep 2; } | script -qec '${command}' /dev/null`;
  const { stdout } = spawnSync('bash', ['-c', `${shell}; echo "exit code \${PIPESTATUS[1]}"`], {
    cwd: project.dir,
    env: { ...project.env, TERM: 'xterm-256color' },
    encoding: 'utf8',
  });
  expect(stdout).toContain('exit code 130');
  expect(stdout).toContain('interrupted: stopping the running steps; finished steps are kept');
  expect(stdout.lastIndexOf('\x1b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\x1b[?25l'));
});

describe('a terminal is left as it was, with its cursor,', () => {
  const pid = (): number => Number(project.read('tmp/pid'));
  /** Ways to end the build once it compiles; the second kernel ignores SIGTERM. */
  const ends: Readonly<Record<string, readonly [string, (terminal: TmuxTerminal) => Promise<void> | void]>> =
    {
      'by Ctrl-C': ['slow', (terminal) => terminal.press('C-c')],
      'by a second Ctrl-C': [
        'stubborn',
        async (terminal) => {
          terminal.press('C-c');
          await terminal.waitFor(/interrupted: stopping the running steps/);
          terminal.press('C-c');
        },
      ],
      'by SIGTERM': ['slow', () => void process.kill(pid(), 'SIGTERM')],
      'by SIGHUP': ['slow', () => void process.kill(pid(), 'SIGHUP')],
    };

  test.each(Object.entries(ends))('when a build is ended %s', async (how, [board, end]) => {
    const symbols = { CONFIG_FAKE_SLOW: 'y', ...(board === 'stubborn' ? { CONFIG_FAKE_STUBBORN: 'y' } : {}) };
    project.writeBoard(board, { kernel: { config: symbols } });
    for (const name of ['pid', 'before', 'after']) rmSync(join(project.dir, 'tmp', name), { force: true });
    const program = `"${process.execPath}" "${CLI_FILE}"`;
    const environment = Object.entries(project.env).map(([name, value]) => `${name}='${value}'`);
    // The shell goes on after Ctrl-C; what it starts minds it as ever.
    const lines = [
      'trap : INT',
      'stty -g > tmp/before',
      `env ${environment.join(' ')} sh -c 'echo $$ > tmp/pid; exec ${program} build --board ${board}'`,
      'echo "exit code $?"',
      'stty -g > tmp/after.new; mv tmp/after.new tmp/after; exec sleep 600',
    ];
    project.write('tmp/in-terminal.sh', lines.join('\n'));
    const terminal = new TmuxTerminal(how.replaceAll(' ', '-'), 'sh tmp/in-terminal.sh', project.dir);
    try {
      await project.waitForSleeper();
      await end(terminal);
      await waitUntil(() => existsSync(join(project.dir, 'tmp', 'after')), 'the end of the build');
      expect(await terminal.waitFor(/exit code \d+/)).toContain('exit code 130');
      expect(project.read('tmp/after')).toBe(project.read('tmp/before'));
      expect(terminal.cursorVisible()).toBe(true);
      // Nothing is left of the live lines.
      expect(
        terminal
          .screen()
          .split('\n')
          .filter((row) => LIVE_LINE.test(row)),
      ).toEqual([]);
    } finally {
      terminal.close();
    }
    await waitUntil(() => processesOf(project).length === 0, 'the end of every process', 60_000);
  });
});
