import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KitError } from '../../../toolkit/base/errors.ts';
import { orderSteps } from '../../../toolkit/engine/order-steps.ts';
import type { Step, StepContext } from '../../../toolkit/engine/step.ts';
import { EngineRig, outcomes } from './rig.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: write '/some/file'`), { code });
}

/** Never ends by itself, as a tool that is at work. */
async function untilAborted({ signal }: StepContext): Promise<undefined> {
  await sleep(60_000, undefined, { signal });
}

test('a step runs when what it needs is done, and others beside it', async () => {
  const rig = new EngineRig();
  const at = new Map<string, [number, number]>();
  const timed = (id: string, needs: Step[] = [], after: Step[] = []) =>
    rig.step(id, {
      needs,
      after,
      run: async () => {
        const started = performance.now();
        await sleep(50);
        at.set(id, [started, performance.now()]);
        return id;
      },
    });
  const [a, b] = [timed('a'), timed('b')];
  const c = timed('c', [a], [b]);
  await rig.run([c]);
  const [[aStart, aEnd], [bStart, bEnd], [cStart]] = ['a', 'b', 'c'].map((id) => at.get(id) ?? [0, 0]) as [
    [number, number],
    [number, number],
    [number, number],
  ];
  expect(aStart).toBeLessThan(bEnd);
  expect(bStart).toBeLessThan(aEnd);
  expect(cStart).toBeGreaterThanOrEqual(Math.max(aEnd, bEnd));
});

test('the order is the given one where it is free', () => {
  const rig = new EngineRig();
  const [a, b] = [rig.step('a'), rig.step('b')];
  const c = rig.step('c', { needs: [b], after: [a] });
  const ids = (steps: Step[]): string[] => orderSteps(steps).map(({ id }) => id);
  expect(ids([a, b, c])).toEqual(['a', 'b', 'c']);
  expect(ids([c, a, b])).toEqual(['b', 'a', 'c']);
  expect(ids([b])).toEqual(['b']);
});

test('steps that need one another, or share a name, are a bug', () => {
  const rig = new EngineRig();
  const needs: Step[] = [];
  const a = { ...rig.step('a'), needs };
  const b = rig.step('b', { after: [a] });
  needs.push(b);
  expect(() => orderSteps([a])).toThrow('steps need one another: a -> b -> a');
  expect(() => orderSteps([rig.step('x'), rig.step('y', { needs: [rig.step('x')] })])).toThrow(
    'two steps are called x',
  );
});

test('a failure is reported once, stops what runs, and blocks what comes behind it', async () => {
  const rig = new EngineRig();
  const broken = new KitError('STEP_FAILED', 'make ended with exit code 2');
  const done = rig.step('done');
  const fails = rig.step('fails', {
    needs: [done],
    run: async () => {
      await sleep(50);
      throw broken;
    },
  });
  const running = rig.step('running', { run: untilAborted });
  const blocked = rig.step('blocked', { needs: [fails] });
  const alsoBlocked = rig.step('also-blocked', { after: [blocked] });
  const cancelled = rig.step('cancelled', { needs: [running] });
  const result = await rig.runAll([alsoBlocked, cancelled]);
  expect(result.error).toBe(broken);
  expect(outcomes(result)).toEqual({
    done: 'built',
    fails: 'failed',
    running: 'cancelled',
    blocked: 'blocked',
    'also-blocked': 'blocked',
    cancelled: 'cancelled',
  });
  expect(result.records.find(({ id }) => id === 'fails')?.reason).toBe('make ended with exit code 2');
  expect(rig.events.filter((event) => event.type === 'step-finished')).toHaveLength(6);
  expect(await rig.planned([alsoBlocked])).toEqual([
    'done: fresh',
    'fails: it has not run in this directory yet',
    'blocked: comes after fails',
    'also-blocked: comes after blocked',
  ]);
});

test('a step that failed after it was fresh before runs again', async () => {
  const rig = new EngineRig();
  let fail = false;
  rig.write('a', '1');
  const step = rig.step('step', {
    files: ['a'],
    run: () => {
      if (fail) throw new Error('broken');
      return 'made';
    },
  });
  await rig.run([step]);
  fail = true;
  rig.write('a', '2');
  await expect(rig.run([step])).rejects.toThrow('broken');
  fail = false;
  // The input is as it was when the step last went well, but what the failed run left is not.
  rig.write('a', '1');
  expect(await rig.run([step])).toEqual(['step']);
});

test('a step that does not make what it says has failed', async () => {
  const rig = new EngineRig();
  const step = rig.step('step', { makes: ['one', 'two'] });
  const { error } = await rig.runAll([step]);
  expect(error).toMatchObject({
    code: 'STEP_FAILED',
    message: `step ended without an error, but left no ${rig.made('two')}`,
    logFile: join(rig.outDir, 'logs', 'step.log'),
  });
  expect(rig.store.readStamp('step')).toBeUndefined();
});

test('reports a refusal of the system as no bug of lxc-kit', async () => {
  const rig = new EngineRig();
  const failing = (code: string) =>
    rig.step('step', {
      run: () => {
        throw systemError(code);
      },
    });
  expect((await rig.runAll([failing('ENOSPC')])).error).toMatchObject({
    code: 'STEP_FAILED',
    message: expect.stringContaining('no space left') as string,
  });
  expect((await rig.runAll([failing('EACCES')])).error).toMatchObject({
    code: 'STEP_FAILED',
    message: expect.stringContaining('/some/file') as string,
  });
  expect((await rig.runAll([failing('ERR_INVALID_ARG_TYPE')])).error).not.toBeInstanceOf(KitError);
});

test('an inputs function that throws fails its step', async () => {
  const rig = new EngineRig();
  const step: Step = {
    ...rig.step('step'),
    inputs: () => {
      throw new KitError('FRAGMENT_INVALID', 'no such fragment');
    },
  };
  const result = await rig.runAll([step]);
  expect(outcomes(result)).toEqual({ step: 'failed' });
  expect(result.error).toMatchObject({ code: 'FRAGMENT_INVALID' });
});

test('an interrupted run cancels what runs and what waits, and keeps what is done', async () => {
  const rig = new EngineRig();
  const controller = new AbortController();
  const done = rig.step('done');
  const running = rig.step('running', {
    needs: [done],
    run: (context) => {
      setTimeout(() => controller.abort(), 20);
      return untilAborted(context);
    },
  });
  const waiting = rig.step('waiting', { needs: [running] });
  const result = await rig.runAll([waiting], controller.signal);
  expect(result.error).toMatchObject({ code: 'INTERRUPTED' });
  expect(outcomes(result)).toEqual({ done: 'built', running: 'cancelled', waiting: 'cancelled' });
  expect(await rig.planned([done])).toEqual(['done: fresh']);
});

test('a run that is interrupted between two steps is interrupted too', async () => {
  const rig = new EngineRig();
  const controller = new AbortController();
  const first = rig.step('first', {
    run: () => {
      controller.abort();
      return 'made all the same';
    },
  });
  const second = rig.step('second', { needs: [first] });
  const result = await rig.runAll([second], controller.signal);
  expect(outcomes(result)).toEqual({ first: 'built', second: 'cancelled' });
  expect(result.error).toMatchObject({ code: 'INTERRUPTED' });
  // When everything was done by then there is nothing to complain of.
  expect((await rig.runAll([first], new AbortController().signal)).error).toBeUndefined();
});

test('nothing starts when it was aborted before', async () => {
  const rig = new EngineRig();
  const result = await rig.runAll([rig.step('a'), rig.step('b')], AbortSignal.abort());
  expect(rig.ran).toEqual([]);
  expect(result.error).toMatchObject({ code: 'INTERRUPTED' });
});

test('two compile steps run at once, light ones beside them', async () => {
  const rig = new EngineRig();
  let [now, most, light] = [0, 0, 0];
  const compile = (id: string) =>
    rig.step(id, {
      weight: 'compile',
      run: async () => {
        most = Math.max(most, ++now);
        await sleep(100);
        now--;
        return id;
      },
    });
  const lights = ['l1', 'l2', 'l3', 'l4'].map((id) =>
    rig.step(id, {
      run: async () => {
        await sleep(60);
        light = Math.max(light, now);
        return id;
      },
    }),
  );
  const started = performance.now();
  const result = await rig.runAll([...['c1', 'c2', 'c3', 'c4', 'c5'].map(compile), ...lights]);
  const elapsedMs = performance.now() - started;
  expect(most).toBe(2);
  expect(light).toBeGreaterThan(0);
  // The time that a step waited for its turn is not its own.
  const last = result.records.find(({ id }) => id === 'c5');
  expect((last?.seconds ?? 0) * 1000).toBeLessThan(elapsedMs - 150);
});

test('a fresh compile step needs no slot, and a failure frees those who wait', async () => {
  const rig = new EngineRig();
  const fresh = rig.step('fresh', { weight: 'compile' });
  await rig.run([fresh]);
  const long = ['long1', 'long2'].map((id) => rig.step(id, { weight: 'compile', run: untilAborted }));
  const waiting = ['waiting1', 'waiting2'].map((id) => rig.step(id, { weight: 'compile' }));
  const fails = rig.step('fails', {
    needs: [fresh],
    run: async () => {
      await sleep(50);
      throw new Error('broken');
    },
  });
  const result = await rig.runAll([...long, ...waiting, fails]);
  expect(rig.ran).not.toContain('waiting1');
  expect(outcomes(result)).toEqual({
    fresh: 'fresh',
    long1: 'cancelled',
    long2: 'cancelled',
    waiting1: 'cancelled',
    waiting2: 'cancelled',
    fails: 'failed',
  });
});

test('a plan runs what is stale and all behind it, and no run does more than its plan', async () => {
  const rig = new EngineRig();
  rig.write('a', 'x');
  const a = rig.step('a', { files: ['a'], run: () => readFileSync(rig.in('a'), 'utf8').trim() });
  const b = rig.step('b', { needs: [a] });
  const c = rig.step('c', { after: [b] });
  const d = rig.step('d');
  for (const text of ['x', 'x ', 'y']) {
    rig.write('a', text);
    const stale = (await rig.plan([c, d])).steps
      .filter(({ outcome }) => outcome !== 'fresh')
      .map(({ step }) => step.id);
    const ran = await rig.run([c, d]);
    expect(stale).toEqual(expect.arrayContaining(ran));
    expect((await rig.planned([c, d])).every((line) => line.endsWith(': fresh'))).toBe(true);
  }
});

test('a step sees the results of those it needs, and its log is its own', async () => {
  const rig = new EngineRig();
  const a = rig.step('a', { run: () => 'from a' });
  let seen: unknown;
  const b = rig.step('b', {
    needs: [a],
    run: (context) => {
      const { logFile, workDir, cores } = context;
      seen = { result: context.result(a), workDir, cores };
      expect(existsSync(logFile)).toBe(false);
      mkdirSync(join(logFile, '..'), { recursive: true });
      writeFileSync(logFile, 'of this run');
      return 'b';
    },
  });
  await rig.run([b]);
  expect(seen).toEqual({ result: 'from a', workDir: join(rig.outDir, 'work', 'b'), cores: undefined });
  expect(rig.events.filter((event) => event.type === 'step-started')).toMatchObject([
    { step: 'a', title: 'Making a', logFile: join(rig.outDir, 'logs', 'a.log') },
    { step: 'b' },
  ]);
  // The log of before is not mixed with the one of now.
  await rig.run([{ ...b, revision: 2 }]);
});

test('asking for a result that no step has made is a bug', async () => {
  const rig = new EngineRig();
  const [a, stranger] = [rig.step('a'), rig.step('stranger')];
  const { view } = await rig.runAll([a]);
  expect(() => view.result(stranger)).toThrow('the result of stranger was asked for before it ended');
});
