import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runSteps } from '../../../toolkit/engine/run-steps.ts';
import type { SharedResults } from '../../../toolkit/engine/shared-results.ts';
import { StepTimings } from '../../../toolkit/engine/step-timings.ts';
import type { Step } from '../../../toolkit/engine/step.ts';
import { scratchDir } from '../scratch.ts';
import { EngineRig } from './rig.ts';

const fileIn = (dir: string): string => join(dir, 'timings', 'board.json');

describe('StepTimings', () => {
  test('gives back what was noted, apart for runs that continue', async () => {
    const file = fileIn(scratchDir());
    const timings = new StepTimings(file);
    timings.note('build-kernel', false, { seconds: 301.5, lines: 2612 });
    timings.note('build-kernel', true, { seconds: 20 });
    await timings.save();
    const again = new StepTimings(file);
    expect(again.of('build-kernel', false)).toEqual({ seconds: 301.5, lines: 2612 });
    expect(again.of('build-kernel', true)).toEqual({ seconds: 20 });
    expect(again.of('build-lxc', false)).toBeUndefined();
  });

  test('keeps what others wrote meanwhile, and writes nothing when it has nothing to say', async () => {
    const dir = scratchDir();
    const [one, other] = [new StepTimings(fileIn(dir)), new StepTimings(fileIn(dir))];
    await one.save();
    expect(readdirSync(dir)).toEqual([]);
    one.note('a', false, { seconds: 1 });
    other.note('b', false, { seconds: 2 });
    await one.save();
    await other.save();
    expect(JSON.parse(readFileSync(fileIn(dir), 'utf8'))).toEqual({
      schema: 1,
      steps: { a: { seconds: 1 }, b: { seconds: 2 } },
    });
  });

  test.each([
    ['no JSON', '{"schema":1,"steps":{"a":{"sec'],
    ['another form', '{"schema":2,"steps":{"a":{"seconds":1}}}'],
    ['no steps', '{"schema":1}'],
    ['a list', '[]'],
    ['seconds that are none', '{"schema":1,"steps":{"a":{"seconds":-1}}}'],
    ['lines that are none', '{"schema":1,"steps":{"a":{"seconds":1,"lines":"many"}}}'],
  ])('a file with %s is no estimate', (_name, content) => {
    const dir = scratchDir();
    mkdirSync(join(dir, 'timings'));
    writeFileSync(fileIn(dir), content);
    expect(new StepTimings(fileIn(dir)).of('a', false)).toBeUndefined();
  });

  test('a place that cannot be written to does not stop a build', async () => {
    const dir = scratchDir();
    writeFileSync(join(dir, 'timings'), 'a file in the way');
    const timings = new StepTimings(fileIn(dir));
    timings.note('a', false, { seconds: 1 });
    await expect(timings.save()).resolves.toBeUndefined();
  });
});

/** Runs steps with the timings in a file, as one build after another does. */
async function build(rig: EngineRig, steps: readonly Step[], results?: SharedResults): Promise<StepTimings> {
  const timings = new StepTimings(fileIn(rig.dir));
  rig.events.length = 0;
  await runSteps(steps, {
    store: rig.store,
    emit: (event) => void rig.events.push(event),
    signal: new AbortController().signal,
    jobs: 1,
    timings,
    ...(results === undefined ? {} : { results }),
  });
  await timings.save();
  return new StepTimings(fileIn(rig.dir));
}

const startOf = (rig: EngineRig, step: string): unknown =>
  rig.events.find((event) => event.type === 'step-started' && event.step === step);

/** A compile step that prints so many lines. */
function printing(rig: EngineRig, count: number, workKey?: string): Step {
  return rig.step('compile', {
    settings: { count },
    weight: 'compile',
    ...(workKey === undefined ? {} : { workKey }),
    run: ({ emit }) => {
      for (let i = 0; i < count; i++) emit({ type: 'tool-line', step: 'compile', line: `  CC ${i}.o` });
      return 'made';
    },
  });
}

describe('a run of steps', () => {
  test('says what the last run took, and the share by its lines', async () => {
    const rig = new EngineRig();
    const first = await build(rig, [printing(rig, 40)]);
    expect(startOf(rig, 'compile')).not.toHaveProperty('lastSeconds');
    expect(rig.events.filter(({ type }) => type === 'step-progress')).toEqual([]);
    expect(first.of('compile', false)).toEqual({ seconds: expect.any(Number) as number, lines: 40 });
    await build(rig, [printing(rig, 42)]);
    expect(startOf(rig, 'compile')).toMatchObject({ lastSeconds: first.of('compile', false)?.seconds });
    const shares = rig.events.filter(({ type }) => type === 'step-progress');
    expect(shares[19]).toEqual({
      type: 'step-progress',
      step: 'compile',
      done: 20,
      total: 40,
      unit: 'lines',
    });
    expect(shares.at(-1)).not.toHaveProperty('total');
  });

  test('a run that builds upon another is compared with such runs only', async () => {
    const rig = new EngineRig();
    await build(rig, [printing(rig, 100, 'tree')]);
    const second = await build(rig, [printing(rig, 25, 'tree')]);
    expect(startOf(rig, 'compile')).not.toHaveProperty('lastSeconds');
    expect(second.of('compile', false)?.lines).toBe(100);
    expect(second.of('compile', true)?.lines).toBe(25);
    const third = await build(rig, [printing(rig, 50, 'other tree')]);
    expect(third.of('compile', false)?.lines).toBe(50);
    expect(third.of('compile', true)?.lines).toBe(25);
  });

  test('a run that goes on after a failed one predicts nothing', async () => {
    const rig = new EngineRig();
    const failing = rig.step('compile', {
      weight: 'compile',
      workKey: 'tree',
      run: () => {
        throw new Error('out of memory');
      },
    });
    const failed = await build(rig, [failing]);
    expect(failed.of('compile', false)).toBeUndefined();
    const fixed = await build(rig, [printing(rig, 30, 'tree')]);
    expect(fixed.of('compile', true)).toBeUndefined();
  });

  test('a step that is restored overwrites nothing', async () => {
    const rig = new EngineRig();
    const before = await build(rig, [{ ...printing(rig, 40), shared: true }]);
    rig.outDir = join(rig.dir, 'other');
    const view = { result: () => expect.fail('nothing is needed') };
    const paths = printing(rig, 40)
      .outputs('made', view)
      .map(({ path }) => path);
    const found = { result: 'made', digest: 'd', seconds: 9, warnings: [], from: 'the store', paths };
    const results: SharedResults = {
      lock: () => Promise.resolve(() => undefined),
      find: () => Promise.resolve({ ...found, place: () => Promise.resolve(true) }),
      keep: () => Promise.resolve(),
    };
    const after = await build(rig, [{ ...printing(rig, 40), shared: true }], results);
    expect(rig.events).toContainEqual(expect.objectContaining({ outcome: 'restored' }));
    expect(after.of('compile', false)).toEqual(before.of('compile', false));
  });
});
