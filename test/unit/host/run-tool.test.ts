import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  commandLine,
  runTool,
  runToolOrFail,
  toolEnvironment,
  type Argv,
  type RunOptions,
} from '../../../toolkit/host/run-tool.ts';
import { isAlive, waitUntil } from '../../rigs/cli-process.ts';
import { scratchDir } from '../scratch.ts';

const env = { PATH: process.env['PATH'] ?? '' };
const never = new AbortController().signal;

function options(changes: Partial<RunOptions> = {}): RunOptions {
  return { cwd: '/', env, signal: never, ...changes };
}

function sh(script: string): Argv {
  return ['sh', '-c', script];
}

/** Waits for a file in which a script has put a process id, and returns it. */
async function pidIn(file: string): Promise<number> {
  await waitUntil(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), file);
  return Number(readFileSync(file, 'utf8'));
}

test('gives the exit code, and with capture what was printed where', async () => {
  expect(await runTool(['true'], options())).toMatchObject({ kind: 'exited', exitCode: 0, output: '' });
  expect(await runTool(sh('echo out; echo wrong >&2; exit 3'), options({ capture: true }))).toEqual({
    kind: 'exited',
    exitCode: 3,
    output: 'out\n',
    errors: 'wrong\n',
  });
  expect(await runTool(sh('echo out'), options())).toMatchObject({ output: '', errors: '' });
});

test('a signal that ended the tool is named', async () => {
  expect(await runTool(sh('kill -KILL $$'), options())).toEqual({ kind: 'killed', signal: 'SIGKILL' });
  // A shell that reports a signal in its exit code was not killed itself.
  expect(await runTool(sh('sh -c "kill -TERM \\$\\$"; exit $?'), options())).toMatchObject({ exitCode: 143 });
});

test('reports a tool that does not start without an exit code', async () => {
  const missing = await runTool(['no-such-tool'], options());
  expect(missing).toMatchObject({ kind: 'not-started' });
  expect(missing).toHaveProperty('reason', expect.stringContaining('ENOENT'));
  const noFolder = await runTool(['true'], options({ cwd: '/no/such/folder' }));
  expect(noFolder).toMatchObject({ kind: 'not-started' });
  expect(noFolder).toHaveProperty('reason', expect.stringContaining('/no/such/folder'));
  const tooLong = await runTool(['true', 'x'.repeat(3_000_000)], options());
  expect(tooLong).toHaveProperty('reason', expect.stringContaining('E2BIG'));
  const file = join(scratchDir(), 'text');
  writeFileSync(file, 'no program', { mode: 0o644 });
  expect(await runTool([file], options())).toHaveProperty('reason', expect.stringContaining('EACCES'));
});

test('stdin is closed, or holds the input', async () => {
  const cat = (input?: string) =>
    runTool(['cat'], options({ capture: true, ...(input === undefined ? {} : { input }) }));
  expect(await cat()).toMatchObject({ exitCode: 0, output: '' });
  expect(await cat('one\ntwo')).toMatchObject({ output: 'one\ntwo' });
  // Like "conf" that has no more questions: most of the input is never read.
  const unread = runTool(
    sh('read -r line; echo $line'),
    options({ capture: true, input: 'y\n'.repeat(1e6) }),
  );
  expect(await unread).toMatchObject({ kind: 'exited', exitCode: 0, output: 'y\n' });
});

test('passes on nothing of its own environment', async () => {
  const result = await runTool(['env'], options({ env: { ...env, A: 'b c' }, capture: true }));
  expect(result).toHaveProperty('output', expect.stringContaining('A=b c\n'));
  expect(result).toHaveProperty('output', expect.not.stringContaining('HOME='));
});

test('the log has the command first and the last thing printed last', async () => {
  const dir = scratchDir();
  const logFile = join(dir, 'new', 'a.log');
  const lines: string[] = [];
  const script = 'echo "$GREETING"; echo wrong >&2; sleep 0.2; printf "no line end"';
  const given = { ...env, GREETING: "it's", HOME: '/root' };
  await runTool(sh(script), options({ env: given, logFile, cwd: dir, onLine: (line) => lines.push(line) }));
  const [command, ...printed] = readFileSync(logFile, 'utf8').split('\n');
  expect([...printed].sort()).toEqual(["it's", 'no line end', 'wrong']);
  expect(printed.at(-1)).toBe('no line end');
  expect(lines.sort()).toEqual([...printed].sort());
  // The first line can be pasted into a shell and does the same again.
  expect(command).not.toContain('HOME');
  const again = execFileSync('sh', ['-c', command?.slice(2) ?? ''], { encoding: 'utf8', stdio: 'pipe' });
  expect(again).toBe("it's\nno line end");

  await runTool(['echo', 'more'], options({ logFile }));
  expect(readFileSync(logFile, 'utf8')).toMatch(/no line end\$ cd \/ && env PATH=\S+ echo more\nmore\n$/);
});

test("the log has the names of the person's own variables, not their values", async () => {
  const logFile = join(scratchDir(), 'a.log');
  const env = { PATH: process.env['PATH'] ?? '', FARM_KEY: 'secret', CFLAGS: '-O2 -g' };
  await runTool(sh('echo $FARM_KEY | wc -c'), options({ logFile, env, unlogged: /^FARM_/ }));
  const log = readFileSync(logFile, 'utf8');
  expect(log).toMatch(/ FARM_KEY="\$FARM_KEY" 'CFLAGS=-O2 -g' sh -c /);
  expect(log).not.toContain('secret');
  expect(log).toMatch(/\n7\n$/);
});

test('each line is in the log before it is reported', async () => {
  const logFile = join(scratchDir(), 'a.log');
  const inLog: boolean[] = [];
  const onLine = (line: string): void => {
    inLog.push(readFileSync(logFile, 'utf8').includes(`\n${line}\n`));
  };
  await runTool(sh('for i in 1 2 3 4; do echo "line $i"; done'), options({ logFile, onLine }));
  expect(inLog).toEqual([true, true, true, true]);
});

test('a tool that prints 50 MB is read at the speed of the log, in little memory', async () => {
  const logFile = join(scratchDir(), 'a.log');
  const before = process.memoryUsage().rss;
  let [count, peak] = [0, 0];
  const onLine = (): void => {
    count++;
    if (count % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
  };
  const result = await runTool(
    sh('yes "what a tool prints" | head -c 50000000'),
    options({ logFile, onLine }),
  );
  expect(result).toMatchObject({ exitCode: 0 });
  expect(count).toBe(Math.ceil(50_000_000 / 'what a tool prints\n'.length));
  expect(statSync(logFile).size).toBeGreaterThan(50_000_000);
  expect(peak - before).toBeLessThan(150e6);
});

test('a line without an end is cut for people and whole in the log', async () => {
  const logFile = join(scratchDir(), 'a.log');
  const lines: string[] = [];
  const before = process.memoryUsage().rss;
  const script = 'head -c 20000000 /dev/zero | tr "\\0" x; echo; echo last';
  await runTool(sh(script), options({ logFile, onLine: (line) => lines.push(line) }));
  expect(lines.map(({ length }) => length)).toEqual([8193, 4]);
  expect(lines[0]).toMatch(/^x{8192}…$/);
  expect(statSync(logFile).size).toBeGreaterThan(20_000_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
});

test('bytes that are no text are in the log as they came', async () => {
  const dir = scratchDir();
  const [logFile, binary] = [join(dir, 'a.log'), join(dir, 'binary')];
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256));
  writeFileSync(binary, bytes);
  const lines: string[] = [];
  const result = await runTool(
    ['cat', binary],
    options({ logFile, onLine: (line) => lines.push(line), capture: true }),
  );
  expect(result.kind).toBe('exited');
  const logged = readFileSync(logFile);
  expect(logged.subarray(logged.indexOf(10) + 1).equals(bytes)).toBe(true);
  expect(lines.length).toBeGreaterThan(200);
});

test('characters that arrive in two pieces stay whole', async () => {
  const lines: string[] = [];
  const script = String.raw`printf 'gr\303'; sleep 0.1; printf '\274n\r\nend'`;
  const result = await runTool(sh(script), options({ capture: true, onLine: (line) => lines.push(line) }));
  expect(lines).toEqual(['grün', 'end']);
  expect(result).toMatchObject({ output: 'grün\r\nend' });
});

test('abort ends what the tool has started too', async () => {
  const dir = scratchDir();
  const controller = new AbortController();
  const running = runTool(
    sh(`sh -c 'echo $$ > ${dir}/grandchild; sleep 1000' & sleep 1000`),
    options({ signal: controller.signal }),
  );
  const grandchild = await pidIn(join(dir, 'grandchild'));
  controller.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  expect(isAlive(grandchild)).toBe(false);
});

test('ends a process that ignores SIGTERM', async () => {
  const dir = scratchDir();
  const controller = new AbortController();
  const stubborn = `trap "" TERM; echo $$ > ${dir}/grandchild; while :; do sleep 0.1; done`;
  const running = runTool(sh(`sh -c '${stubborn}' & wait`), options({ signal: controller.signal }));
  const grandchild = await pidIn(join(dir, 'grandchild'));
  controller.abort();
  await expect(running).rejects.toThrow();
  expect(isAlive(grandchild)).toBe(false);
});

test('is not started when it was aborted before', async () => {
  const file = join(scratchDir(), 'made');
  await expect(runTool(['touch', file], options({ signal: AbortSignal.abort() }))).rejects.toThrow();
  expect(existsSync(file)).toBe(false);
});

test('ends a process left behind with the pipe, and logs its output', async () => {
  const dir = scratchDir();
  const logFile = join(dir, 'a.log');
  const script = `(echo $$ ; sleep 0.2; echo late; exec sleep 1000) & echo $! > ${dir}/left; echo early; exit 5`;
  const result = await runTool(sh(script), options({ logFile }));
  expect(result).toMatchObject({ kind: 'exited', exitCode: 5 });
  expect(isAlive(await pidIn(join(dir, 'left')))).toBe(false);
  expect(readFileSync(logFile, 'utf8')).toMatch(/early\n[^]*late\n/);
});

test('ends a process left behind without the pipe', async () => {
  const dir = scratchDir();
  const script = `sleep 1000 > ${dir}/out 2>&1 & echo $! > ${dir}/left`;
  await runTool(sh(script), options());
  expect(isAlive(await pidIn(join(dir, 'left')))).toBe(false);
});

test('does not wait for a process that left the group and holds the pipe', async () => {
  const dir = scratchDir();
  const script = `setsid sh -c 'echo $$ > ${dir}/left; while sleep 0.05; do echo still here; done' & sleep 0.3; echo done`;
  const result = await runTool(sh(script), options({ capture: true }));
  const left = await pidIn(join(dir, 'left'));
  await waitUntil(() => !isAlive(left), 'its end, for want of a reader');
  expect(result).toMatchObject({ kind: 'exited', exitCode: 0 });
  expect(result).toHaveProperty('output', expect.stringContaining('done\n'));
});

test('a log that cannot be written stops the tool and says so', async () => {
  const dir = scratchDir();
  const full = runTool(sh(`echo $$ > ${dir}/pid; yes`), options({ logFile: '/dev/full' }));
  await expect(full).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: 'the log /dev/full cannot be written: the disk is full',
  });
  writeFileSync(join(dir, 'file'), '');
  await expect(runTool(['true'], options({ logFile: join(dir, 'file', 'a.log') }))).rejects.toMatchObject({
    code: 'OUT_UNWRITABLE',
  });
});

test('stops the tool when the callback for lines throws', async () => {
  const dir = scratchDir();
  const onLine = (): void => {
    throw new Error('a bug');
  };
  const running = runTool(sh(`echo $$ > ${dir}/pid; echo line; sleep 1000`), options({ onLine }));
  await expect(running).rejects.toThrow('a bug');
  expect(isAlive(await pidIn(join(dir, 'pid')))).toBe(false);
});

test('a tool that has to succeed gives its output', async () => {
  expect(await runToolOrFail(['echo', 'yes'], options({ capture: true }))).toBe('yes\n');
});

test('a tool that fails is an error with its last lines and how to run it again', async () => {
  const dir = join(scratchDir(), 'a folder');
  mkdirSync(dir);
  const logFile = join(dir, 'a.log');
  const script = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do echo "line $i"; done; exit 2';
  await expect(runToolOrFail(sh(script), options({ logFile, cwd: dir }))).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: 'sh ended with exit code 2',
    logFile,
    lines: Array.from({ length: 15 }, (_, index) => `line ${index + 3}`),
    hint: expect.stringContaining(`cd '${dir}' && sh -c 'for i`) as string,
  });
  await expect(runToolOrFail(sh('kill -SEGV $$'), options({ logFile }))).rejects.toMatchObject({
    message: 'sh was killed by SIGSEGV',
  });
  await expect(runToolOrFail(sh('echo why >&2; exit 1'), options({ capture: true }))).rejects.toMatchObject({
    lines: ['why'],
  });
  await expect(runToolOrFail(['false'], options({ capture: true }))).rejects.toMatchObject({ lines: [] });
});

test('a missing tool is distinguished from one that cannot run', async () => {
  const missing = { code: 'TOOL_MISSING', hint: expect.stringContaining('doctor') as string };
  await expect(runToolOrFail(['no-such-tool'], options())).rejects.toMatchObject({
    ...missing,
    message: 'no-such-tool is not in PATH',
  });
  await expect(runToolOrFail(['/opt/vendor/gcc'], options())).rejects.toMatchObject({
    ...missing,
    message: '/opt/vendor/gcc is missing',
  });
  const script = join(scratchDir(), 'script');
  writeFileSync(script, '#!/no/such/shell\n');
  chmodSync(script, 0o755);
  await expect(runToolOrFail([script], options())).rejects.toMatchObject({ code: 'STEP_FAILED' });
  await expect(runToolOrFail(['true'], options({ cwd: '/no/such' }))).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: expect.stringContaining('/no/such, does not exist') as string,
  });
});

test('a command line can be pasted into a shell', () => {
  const argv = ['printf', '%s\\n', 'a b', "it's", '$HOME', '', 'new\nline', '~', 'plain/Path-1.0'];
  expect(commandLine(['make', 'CC=gcc', '-j4'])).toBe('make CC=gcc -j4');
  const shown = execFileSync('sh', ['-c', commandLine(argv)], { encoding: 'utf8' });
  expect(shown).toBe(argv.slice(2).join('\n') + '\n');
});

test('the environment of tools is the same for everybody', () => {
  const user = {
    PATH: '/bin',
    HOME: '/h',
    LANG: 'de_DE',
    LC_ALL: 'tr_TR',
    CFLAGS: '-O3',
    MAKEFLAGS: '-k',
    TMPDIR: undefined,
  };
  expect(toolEnvironment(user, { A: 'b' })).toEqual({
    PATH: '/bin',
    HOME: '/h',
    LC_ALL: 'C',
    TZ: 'UTC',
    A: 'b',
  });
});
