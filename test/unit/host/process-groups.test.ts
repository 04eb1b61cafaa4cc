import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { groupAlive, terminateGroup } from '../../../toolkit/host/process-groups.ts';
import { isAlive, waitUntil } from '../../rigs/cli-process.ts';
import { scratchDir } from '../scratch.ts';
import { firstLineOf, startChild } from './child.ts';

/** A process group of its own that runs a script; returns its id when the script has printed something. */
async function startGroup(script: string): Promise<number> {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await firstLineOf(child);
  return child.pid ?? 0;
}

test('a group ends by itself when it is asked to', async () => {
  const file = join(scratchDir(), 'asked');
  const group = await startGroup(`trap 'echo > ${file}; exit' TERM; sleep 600 & echo up; wait`);
  expect(groupAlive(group)).toBe(true);
  await terminateGroup(group);
  expect(groupAlive(group)).toBe(false);
  expect(existsSync(file)).toBe(true);
});

test('a group that has ended is no error', async () => {
  const group = await startGroup('echo up');
  await waitUntil(() => !groupAlive(group), 'its end');
  await terminateGroup(group);
});

test('a process that has ended and is not waited for does not count', async () => {
  // The sleep ends, and its parent, of another group, never asks for it.
  const child = spawn('sh', ['-c', 'setsid sh -c "echo \\$\\$; exit" & exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const group = Number(await firstLineOf(child));
  await waitUntil(() => !groupAlive(group), 'its end');
  expect(existsSync(`/proc/${group}`)).toBe(true);
});

test('ends a stopped process, too', async () => {
  const group = await startGroup('echo up; kill -STOP $$');
  await terminateGroup(group);
  expect(groupAlive(group)).toBe(false);
});

/** Code for the child: it runs a tool with a grandchild; with a `trap` both ignore SIGTERM. */
function runsTool(dir: string, trap: string, starter = ''): string {
  return `
    import { runTool } from './host/run-tool.js';
    const signal = new AbortController().signal;
    const env = { PATH: process.env.PATH };
    await runTool(['true'], { cwd: '/', env, signal });
    const script = \`${trap} ${starter} sh -c 'echo $$ > ${dir}/grandchild; while sleep 0.2; do :; done' & while sleep 0.2; do :; done\`;
    await runTool(['sh', '-c', script], { cwd: '/', env, signal });
  `;
}

test.each([
  ['that listens to SIGTERM', ':;', ''],
  ['that does not', 'trap "" TERM;', ''],
  ['that has left its group', 'trap "" TERM;', 'setsid'],
])('a tool %s does not outlive lxc-kit that is killed with SIGKILL', async (_, trap, starter) => {
  const dir = scratchDir();
  const child = startChild(runsTool(dir, trap, starter));
  const file = join(dir, 'grandchild');
  await waitUntil(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), 'the grandchild');
  const grandchild = Number(readFileSync(file, 'utf8'));
  expect(isAlive(grandchild)).toBe(true);
  child.kill('SIGKILL');
  await waitUntil(() => !isAlive(grandchild), 'its end');
});

test('a tool that lxc-kit has not yet put on the list does not outlive it', async () => {
  const dir = scratchDir();
  const child = startChild(`
    import { spawn } from 'node:child_process';
    import { readyWatch } from './host/process-groups.js';
    const env = { PATH: process.env.PATH, ...readyWatch() };
    spawn('sh', ['-c', 'echo $$ > ${dir}/early; exec sleep 60'], { env, detached: true, stdio: 'ignore' });
  `);
  const file = join(dir, 'early');
  await waitUntil(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), 'the tool');
  const early = Number(readFileSync(file, 'utf8'));
  child.kill('SIGKILL');
  await waitUntil(() => !isAlive(early), 'its end');
});

test('lets a process that left its group, such as a compile server, outlive lxc-kit', async () => {
  const dir = scratchDir();
  const child = startChild(`
    import { runTool } from './host/run-tool.js';
    const signal = new AbortController().signal;
    const env = { PATH: process.env.PATH };
    const script = 'setsid sh -c "echo \\\\$\\\\$ > ${dir}/server; exec sleep 60" >/dev/null 2>&1 &';
    await runTool(['sh', '-c', script], { cwd: '/', env, signal });
    const { existsSync, readFileSync } = await import('node:fs');
    const isThere = () => existsSync('${dir}/server') && readFileSync('${dir}/server', 'utf8').endsWith('\\n');
    while (!isThere()) await new Promise((r) => setTimeout(r, 20));
  `);
  await new Promise((resolve) => child.on('exit', resolve));
  await sleep(2_000);
  const server = Number(readFileSync(join(dir, 'server'), 'utf8'));
  expect(isAlive(server)).toBe(true);
  process.kill(server);
});

test('watching does not keep a process from ending', async () => {
  const dir = scratchDir();
  const script = `
    import { killAllGroups } from './host/process-groups.js';
    import { runTool } from './host/run-tool.js';
    const signal = new AbortController().signal;
    const env = { PATH: process.env.PATH };
    await runTool(['true'], { cwd: '/', env, signal });
    void runTool(['sh', '-c', 'echo $$ > ${dir}/left; exec sleep 60'], { cwd: '/', env, signal });
    process.on('exit', killAllGroups);
    const { existsSync, readFileSync } = await import('node:fs');
    const isThere = () => existsSync('${dir}/left') && readFileSync('${dir}/left', 'utf8').endsWith('\\n');
    while (!isThere()) await new Promise((r) => setTimeout(r, 20));
    process.exitCode = 7;
    process.exit();
  `;
  const child = startChild(script);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(code).toBe(7);
  const left = Number(readFileSync(join(dir, 'left'), 'utf8'));
  await waitUntil(() => !isAlive(left), 'its end');
});
