import {
  appendFileSync,
  createReadStream,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { isAlive, waitUntil } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, imageFile, processesOf, projectMaker, stampedSteps } from './rig.ts';

const IMAGES = ['rootfs.tar.gz', 'rootfs.cpio.gz', 'vmlinux'];

/** Nothing is taken from the store: what is compiled is what these tests are about. */
const env = { LXC_KIT_STORE_LIMIT: '0' };

const create = projectMaker();
let project: TempProject;
let undisturbed: Buffer[];

const imagesOf = (board = 'fake'): Buffer[] =>
  IMAGES.map((name) => readFileSync(imageFile(project, name, board)));

/** Where the scripts of the fake trees look whether they are to do something odd. */
const switchFile = (name: string): string => join(project.dir, 'tmp', name);

beforeAll(async () => {
  project = await create();
  const crashOnce = (name: string): string =>
    `\nif [ -e '${switchFile(name)}' ]; then rm '${switchFile(name)}'; kill -SEGV $$; fi\n`;
  await project.changeSource('lxc', (dir) => {
    const script = join(dir, 'compile.sh');
    writeFileSync(
      script,
      readFileSync(script, 'utf8').replace(/^shift 4$/m, (line) => line + crashOnce('crash-lxc')),
    );
  });
  await project.changeSource('kernel', (dir) => {
    const script = join(dir, 'scripts', 'switches.sh');
    const odd = `
if [ -e '${switchFile('loud')}' ]; then yes '  CC      drivers/a-noisy-driver/noise.o' | head -c 200000000; echo; fi
if [ -e '${switchFile('curious')}' ]; then
  echo 'Overwrite? [y/N]'
  if read -r answer; then echo "answer: $answer"; else echo 'no answer'; fi
fi
if [ -e '${switchFile('daemons')}' ]; then
  sleep 600 & echo $! > '${switchFile('daemon.pid')}'
  setsid sh -c "echo \\$\\$ > '${switchFile('session.pid')}'; exec sleep 600" &
fi
`;
    const text = readFileSync(script, 'utf8').replace(/^exit 0$/m, '');
    writeFileSync(script, text + crashOnce('crash-kernel') + odd);
    appendFileSync(script, 'exit 0\n');
  });
  await buildWell(project, [], { env });
  undisturbed = imagesOf();
  expect((await project.run(['clean', '--board', 'fake'])).exitCode).toBe(0);
});

test('a compiler that crashes once fails its step, and the next build has the same bytes', async () => {
  writeFileSync(switchFile('crash-lxc'), '');
  const lxc = await project.run(['build', '--board', 'fake', '--until', 'build-lxc'], { env });
  expect(lxc.exitCode).toBe(4);
  expect(lxc.stderr).toMatch(/^error: build-lxc stopped: ninja ended with exit code \d+ \[STEP_FAILED\]$/m);
  expect(existsSync(switchFile('crash-lxc'))).toBe(false);
  writeFileSync(switchFile('crash-kernel'), '');
  const kernel = await project.run(['build', '--board', 'fake'], { env });
  expect(kernel.exitCode).toBe(4);
  expect(kernel.stderr).toContain('error: build-kernel stopped: make ended with exit code 2 [STEP_FAILED]');
  expect(stampedSteps(project)).not.toContain('build-kernel');
  await buildWell(project, [], { env });
  expect(imagesOf()).toEqual(undisturbed);
});

test('a step that prints 200 MB is all in its log, and lxc-kit stays below 150 MB', async () => {
  writeFileSync(switchFile('loud'), '');
  rmSync(imageFile(project, 'vmlinux'));
  const cli = project.spawn(['build', '--board', 'fake'], { env });
  let peakKilobytes = 0;
  const run = { ended: false };
  const done = cli.done.finally(() => (run.ended = true));
  while (!run.ended) {
    peakKilobytes = Math.max(peakKilobytes, highWaterMark(cli.pid));
    await sleep(25);
  }
  const { exitCode, stderr } = await done;
  rmSync(switchFile('loud'));
  expect(exitCode, stderr).toBe(0);
  expect(peakKilobytes).toBeGreaterThan(20_000);
  expect(peakKilobytes * 1024).toBeLessThan(150e6);
  const log = join(project.outDir(), 'logs', 'build-kernel.log');
  expect(statSync(log).size).toBeGreaterThan(200_000_000);
  const counts = { noise: 0, last: '' };
  for await (const line of createInterface({ input: createReadStream(log) })) {
    if (line === '  CC      drivers/a-noisy-driver/noise.o') counts.noise++;
    if (!line.startsWith('make: ')) counts.last = line;
  }
  const lineBytes = '  CC      drivers/a-noisy-driver/noise.o\n'.length;
  expect(counts).toEqual({ noise: Math.floor(200_000_000 / lineBytes), last: '  LD      vmlinux' });
  expect(stderr.length).toBeLessThan(10_000);
  expect(imagesOf()).toEqual(undisturbed);
});

test('a step that asks for input gets none, not even what lxc-kit itself could read', async () => {
  writeFileSync(switchFile('curious'), '');
  rmSync(imageFile(project, 'vmlinux'));
  await buildWell(project, [], { env, input: 'y\n'.repeat(100) });
  rmSync(switchFile('curious'));
  const log = readFileSync(join(project.outDir(), 'logs', 'build-kernel.log'), 'utf8');
  expect(log).toContain('Overwrite? [y/N]\nno answer\n');
  expect(imagesOf()).toEqual(undisturbed);
});

/** The most memory that a process has had so far, in kilobytes; 0 when it is gone. */
function highWaterMark(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

test('daemons that a step leaves are ended, and one in a session of its own does not hold it', async () => {
  writeFileSync(switchFile('daemons'), '');
  rmSync(imageFile(project, 'vmlinux'));
  await buildWell(project, [], { env });
  rmSync(switchFile('daemons'));
  const [daemon, session] = ['daemon.pid', 'session.pid'].map((name) =>
    Number(readFileSync(switchFile(name), 'utf8')),
  );
  expect(isAlive(daemon ?? 0)).toBe(false);
  expect(isAlive(session ?? 0)).toBe(true);
  process.kill(session ?? 0);
  await waitUntil(() => processesOf(project).length === 0, 'the end of the daemon');
  expect(imagesOf()).toEqual(undisturbed);
});
