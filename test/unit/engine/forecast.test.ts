import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Forecast } from '../../../toolkit/engine/forecast.ts';
import { StepTimings } from '../../../toolkit/engine/step-timings.ts';
import type { Step } from '../../../toolkit/engine/step.ts';
import { timeLeft, type StepAhead } from '../../../toolkit/engine/time-left.ts';
import { EngineRig } from './rig.ts';

function ahead(id: string, seconds: number, more: Partial<StepAhead> = {}): StepAhead {
  return { id, seconds, before: [], compiles: false, running: false, ...more };
}

describe('timeLeft', () => {
  test.each<[string, StepAhead[], number]>([
    ['nothing', [], 0],
    ['side by side', [ahead('a', 3), ahead('b', 5)], 5],
    ['one after the other', [ahead('a', 3), ahead('b', 5, { before: ['a'] })], 8],
    ['what has ended holds nothing up', [ahead('b', 5, { before: ['gone'] })], 5],
    ['the rest of a running one', [ahead('a', 2, { running: true }), ahead('b', 5, { before: ['a'] })], 7],
    ['a third that compiles waits', ['a', 'b', 'c'].map((id) => ahead(id, 10, { compiles: true })), 20],
    ['light ones do not', ['a', 'b', 'c'].map((id) => ahead(id, 10)), 10],
  ])('%s', (_name, steps, seconds) => {
    expect(timeLeft(steps, 2)).toBe(seconds);
  });
});

/** A forecast over steps that took so many seconds the last time, and what it tells, at seconds of its own clock. */
function start(rig: EngineRig, steps: readonly Step[], seconds: Readonly<Record<string, number>>) {
  const timings = new StepTimings(join(rig.dir, 'timings.json'));
  for (const [id, value] of Object.entries(seconds)) timings.note(id, false, { seconds: value });
  const told: (number | undefined)[] = [];
  const clock = { seconds: 0 };
  const open = async (): Promise<Forecast> => {
    await timings.save();
    return new Forecast({
      steps,
      store: rig.store,
      mayBeTaken: ({ shared }) => shared === true,
      timings: new StepTimings(join(rig.dir, 'timings.json')),
      compileSlots: 2,
      emit: (event) => {
        if (event.type === 'time-left') told.push(event.seconds);
      },
      now: () => clock.seconds * 1000,
    });
  };
  return { open, told, clock };
}

describe('Forecast', () => {
  test('tells how long it still takes, again when that changes, and no more at the end', async () => {
    const rig = new EngineRig();
    const a = rig.step('a');
    const b = rig.step('b', { needs: [a] });
    const { open, told, clock } = start(rig, [a, b], { a: 100, b: 50 });
    const forecast = await open();
    forecast.started(a, 100);
    clock.seconds = 80;
    forecast.ended(a);
    // As foreseen: no news.
    forecast.started(b, 50);
    clock.seconds = 129;
    forecast.ended(b);
    expect(told).toEqual([150, 50, undefined]);
  });

  test('is silent while a step may turn out fresh or be restored, and that matters', async () => {
    const rig = new EngineRig();
    const configure = rig.step('configure');
    const kernel = { ...rig.step('kernel', { needs: [configure], weight: 'compile' }), shared: true };
    const pack = { ...rig.step('pack', { needs: [kernel] }), shared: true };
    const { open, told, clock } = start(rig, [configure, kernel, pack], {
      configure: 10,
      kernel: 300,
      pack: 20,
    });
    const forecast = await open();
    forecast.started(configure, 10);
    clock.seconds = 10;
    forecast.ended(configure);
    expect(told).toEqual([]);
    forecast.sure(kernel);
    expect(told).toEqual([320]);
  });

  test('is silent when the time of one step is not known', async () => {
    const rig = new EngineRig();
    const a = rig.step('a');
    const b = rig.step('b', { needs: [a] });
    const { open, told } = start(rig, [a, b], { a: 100 });
    const forecast = await open();
    forecast.started(a, 100);
    expect(told).toEqual([]);
    forecast.ended(a);
    expect(told).toEqual([]);
  });

  test('takes back what it told when a step takes longer than foreseen', async () => {
    const rig = new EngineRig();
    const [a, b, c] = [rig.step('a'), rig.step('b'), rig.step('c')];
    const { open, told, clock } = start(rig, [a, b, c], { a: 10, b: 100, c: 100 });
    const forecast = await open();
    for (const [step, seconds] of [
      [a, 10],
      [b, 100],
      [c, 100],
    ] as const)
      forecast.started(step, seconds);
    clock.seconds = 20;
    forecast.ended(b);
    clock.seconds = 30;
    forecast.ended(a);
    expect(told).toEqual([100, undefined, 70]);
  });
});
