import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { build, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('broken', { kernel: { config: { CONFIG_FAKE_FAIL: 'y', CONFIG_NO_SUCH_THING: 'y' } } });
  project.writeBoard('typo', { kernel: { imgae: 'vmlinux' } });
});

test('json: every line of stderr is an object with a type, stdout has the results', async () => {
  const { exitCode, stdout, events, stderr } = await build(project);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe(
    'out/fake/images/rootfs.tar.gz\nout/fake/images/rootfs.cpio.gz\nout/fake/images/vmlinux\n',
  );
  const types = new Set(events.map(({ type }) => type));
  expect([...types].sort()).toEqual(['note', 'step-finished', 'step-progress', 'step-started', 'tool-line']);
  // Only ninja counts its commands; lines of make have no total before the first build.
  const counting = events.filter(({ type, unit }) => type === 'step-progress' && unit !== 'bytes');
  expect(new Set(counting.map(({ step, unit }) => `${String(step)} ${String(unit)}`))).toEqual(
    new Set(['build-lxc commands']),
  );
  const ofKernel = events.filter(({ step }) => step === 'build-kernel');
  expect(ofKernel[0]).toEqual({
    timeMs: expect.any(Number) as number,
    type: 'step-started',
    step: 'build-kernel',
    title: 'Building Linux 6.1.999 (110 symbols)',
    logFile: `${project.outDir()}/logs/build-kernel.log`,
  });
  expect(ofKernel).toContainEqual({
    timeMs: expect.any(Number) as number,
    type: 'tool-line',
    step: 'build-kernel',
    line: '  LD      vmlinux',
  });
  expect(ofKernel.at(-1)).toMatchObject({ type: 'step-finished', outcome: 'built' });
  const times = events.map(({ timeMs }) => timeMs as number);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('json: so is what went wrong', async () => {
  const { exitCode, events } = await build(project, [], { board: 'broken' });
  expect(exitCode).toBe(4);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'warning',
      step: 'configure-kernel',
      message: 'CONFIG_NO_SUCH_THING  asked =y in boards/broken.yaml:10, but this tree has no such symbol',
    }) as unknown,
  );
  expect(events.at(-1)).toMatchObject({
    type: 'error',
    code: 'STEP_FAILED',
    message: 'build-kernel stopped: make ended with exit code 2',
    logFile: `${project.outDir('broken')}/logs/build-kernel.log`,
    help: expect.stringContaining('run it again by hand: ') as string,
    lines: expect.arrayContaining(['cc1: some warnings being treated as errors']) as string[],
  });
});

test('json: so are mistakes in a profile', async () => {
  const { exitCode, events } = await build(project, [], { board: 'typo' });
  expect(exitCode).toBe(2);
  expect(events).toEqual([
    {
      type: 'error',
      code: 'PROFILE_INVALID',
      message: '1 problem found',
      lines: [],
      diagnostics: [
        {
          location: expect.objectContaining({ file: 'boards/typo.yaml', line: 8, column: 5 }) as unknown,
          message: 'kernel has no key "imgae"',
          help: 'did you mean "image"?',
        },
      ],
    },
  ]);
});

test('json: the other commands that show progress speak it too', async () => {
  const { exitCode, stdout, stderr } = await project.run([
    'fetch',
    '--board',
    'fake',
    '--log-format',
    'json',
  ]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`kernel 6.1.999 from ${project.sourceDir('kernel')}\n`);
  for (const line of stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
});

test('plain: a line when a step begins and when it ends, and no escape codes', async () => {
  for (const board of ['fake', 'broken']) {
    const result = await project.run(
      ['build', '--board', board, '--out', `out/plain-${board}`, '--log-format', 'plain'],
      {
        // A store of its own: what was built before is not to be restored.
        env: { TERM: 'xterm-256color', FORCE_COLOR: '1', LXC_KIT_STORE: `${project.dir}/store-${board}` },
      },
    );
    expect(result.stderr).not.toContain('\x1b');
    expect(result.stdout).not.toContain('\x1b');
    expect(result.stderr).toMatch(/^> build-kernel: Building Linux 6\.1\.999 \(1[01]\d symbols\)$/m);
    expect(result.stderr).toMatch(/^< build-kernel: (?:built in|failed after) [\d.]+ s/m);
  }
});

test('auto: without a terminal it is plain', async () => {
  const { stderr } = await project.run(['build', '--board', 'fake'], { env: { TERM: 'xterm-256color' } });
  expect(stderr).not.toContain('\x1b');
  expect(stderr).toMatch(/^all \d+ steps are fresh: nothing to do$/m);
});
