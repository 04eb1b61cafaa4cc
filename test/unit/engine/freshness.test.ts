import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../../toolkit/engine/step.ts';
import { EngineRig } from './rig.ts';

let rig: EngineRig;

/**
 * `strip` copies a.txt without its comments; `upper` and `count` use what it made; `other` is on its own;
 * `last` comes after `other`, but does not use it.
 */
function sample(changes: { revision?: number; flags?: string } = {}): Step[] {
  const text = (name: string): string => readFileSync(rig.made(name), 'utf8');
  const strip = rig.step('strip', {
    files: ['a.txt'],
    run: () => readFileSync(rig.in('a.txt'), 'utf8').replace(/^#.*\n/gm, ''),
  });
  const upper = rig.step('upper', {
    needs: [strip],
    settings: { flags: changes.flags ?? '-O2' },
    run: () => text('strip').toUpperCase(),
  });
  const count = rig.step('count', {
    needs: [strip],
    revision: changes.revision ?? 1,
    run: () => String(text('strip').length),
  });
  const other = rig.step('other', { files: ['b.txt'], run: () => readFileSync(rig.in('b.txt'), 'utf8') });
  const last = rig.step('last', { needs: [upper, count], after: [other] });
  return [last];
}

beforeEach(() => {
  rig = new EngineRig();
  rig.write('a.txt', '# comment\nabc\n');
  rig.write('b.txt', 'b');
});

const ALL = ['count', 'last', 'other', 'strip', 'upper'];

test('everything runs once, and then nothing', async () => {
  expect(await rig.run(sample())).toEqual(ALL);
  expect(rig.read('upper')).toBe('ABC\n');
  expect(await rig.run(sample())).toEqual([]);
  expect(await rig.planned(sample())).toEqual([
    'strip: fresh',
    'upper: fresh',
    'count: fresh',
    'other: fresh',
    'last: fresh',
  ]);
});

describe('one change makes run exactly what it concerns:', () => {
  const changes: [what: string, change: (steps: Step[]) => Step[], runs: string[], reason: string][] = [
    [
      'an input file',
      (steps) => {
        rig.write('a.txt', 'abcd\n');
        return steps;
      },
      ['count', 'last', 'strip', 'upper'],
      'strip: file a.txt changed',
    ],
    [
      'an input file whose change does not reach the output',
      (steps) => {
        rig.write('a.txt', '# other\nabc\n');
        return steps;
      },
      ['strip'],
      'strip: file a.txt changed',
    ],
    [
      'an input of a step that only has to come before',
      (steps) => {
        rig.write('b.txt', 'c');
        return steps;
      },
      ['other'],
      'other: file b.txt changed',
    ],
    [
      'a setting',
      () => sample({ flags: '-O3' }),
      ['upper'],
      'upper: setting flags changed from "-O2" to "-O3"',
    ],
    [
      'the revision of a step',
      () => sample({ revision: 2 }),
      ['count'],
      'count: this version of lxc-kit builds the step differently',
    ],
    [
      'an output that was deleted',
      (steps) => {
        rmSync(rig.made('upper'));
        return steps;
      },
      ['upper'],
      'upper: OUT/made/upper was changed or removed since the step ran',
    ],
    [
      'an output that was changed',
      (steps) => {
        writeFileSync(rig.made('count'), '99');
        return steps;
      },
      ['count'],
      'count: OUT/made/count was changed or removed since the step ran',
    ],
    [
      'the mode of an output',
      (steps) => {
        chmodSync(rig.made('count'), 0o755);
        return steps;
      },
      ['count'],
      'count: OUT/made/count was changed or removed since the step ran',
    ],
    ...['{"fingerprint":', '{"fingerprint":{}}', 'null', '', '[]'].map(
      (text): [string, (steps: Step[]) => Step[], string[], string] => [
        `a stamp that is ${JSON.stringify(text)}`,
        (steps) => {
          writeFileSync(stampFile('count'), text);
          return steps;
        },
        ['count'],
        'count: it has not run in this directory yet',
      ],
    ),
  ];

  const stampFile = (id: string): string => join(rig.outDir, '.lxc-kit', 'stamps', `${id}.json`);

  test.each(changes)('%s', async (_, change, ids, reason) => {
    await rig.run(sample());
    const steps = change(sample());
    const planned = await rig.planned(steps);
    expect(planned.map((line) => line.replace(rig.outDir, 'OUT'))).toContain(reason);
    expect(await rig.run(steps)).toEqual(ids);
    const built = rig.events.filter((event) => event.type === 'step-finished' && event.outcome === 'built');
    expect(built).toHaveLength(ids.length);
    expect(await rig.run(steps)).toEqual([]);
  });
});

test('a file that is gone is a reason of its own', async () => {
  const steps = [rig.step('a', { files: ['a.txt'] })];
  await rig.run(steps);
  unlinkSync(rig.in('a.txt'));
  expect(await rig.planned(steps)).toEqual(['a: file a.txt no longer exists']);
  await rig.run(steps);
  expect(await rig.run(steps)).toEqual([]);
  rig.write('a.txt', 'back');
  expect(await rig.planned(steps)).toEqual(['a: file a.txt did not exist before']);
});

test('inputs that come and go are named', async () => {
  await rig.run([rig.step('a', { files: ['a.txt'], settings: { x: 1, gone: 'y' } })]);
  const steps = [rig.step('a', { files: ['b.txt'], settings: { x: 1, more: ['z'] } })];
  expect(await rig.planned(steps)).toEqual([
    'a: setting gone is gone; setting more is new; file a.txt is gone; file b.txt is new',
  ]);
});

test('a file that was touched, and settings in another order, change nothing', async () => {
  await rig.run([rig.step('a', { files: ['a.txt'], settings: { x: 1, y: undefined, z: 2 } })]);
  utimesSync(rig.in('a.txt'), 1, 1);
  expect(await rig.run([rig.step('a', { files: ['a.txt'], settings: { z: 2, x: 1 } })])).toEqual([]);
});

test('an input that changes while the step runs is seen by the next run', async () => {
  let turn = 0;
  const step = rig.step('a', {
    files: ['a.txt'],
    run: () => {
      if (turn++ === 0) rig.write('a.txt', 'changed meanwhile');
      return 'a';
    },
  });
  expect(await rig.run([step])).toEqual(['a']);
  expect(await rig.run([step])).toEqual(['a']);
  expect(await rig.run([step])).toEqual([]);
});

test('a reason does not list a thousand files', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `${1_000 + index}`);
  await rig.run([rig.step('a')]);
  for (const name of names) rig.write(name, '');
  const { records } = await rig.runAll([rig.step('a', { files: names })]);
  expect(records[0]?.reason).toBe(
    'file 1000 is new; file 1001 is new; file 1002 is new; file 1003 is new; file 1004 is new; and 995 more',
  );
});

test('counts everything in a directory that a step leaves', async () => {
  const dir = rig.made('tree');
  const tree = rig.step('tree', {
    files: ['a.txt'],
    run: () => {
      mkdirSync(join(dir, 'sub'), { recursive: true });
      writeFileSync(
        join(dir, 'sub', 'file'),
        readFileSync(rig.in('a.txt'), 'utf8').length > 5 ? 'long' : 'short',
      );
      if (!existsSync(join(dir, 'link'))) symlinkSync('sub/file', join(dir, 'link'));
      return undefined;
    },
  });
  const user = rig.step('user', { needs: [tree] });
  await rig.run([user]);
  rig.write('a.txt', 'other, and as long');
  expect(await rig.run([user])).toEqual(['tree']);
  rig.write('a.txt', 's');
  expect(await rig.run([user])).toEqual(['tree', 'user']);
  unlinkSync(join(dir, 'link'));
  symlinkSync('sub', join(dir, 'link'));
  expect(await rig.planned([user])).toEqual([
    `tree: ${dir}/link was changed or removed since the step ran`,
    'user: comes after tree',
  ]);
  await rig.run([user]);
  writeFileSync(join(dir, 'sub', 'new'), '');
  expect(await rig.run([user])).toContain('tree');
});

test('a named pipe in an output does not block the step forever', async () => {
  const tree = rig.step('tree', {
    run: () => {
      mkdirSync(rig.made('tree'), { recursive: true });
      execFileSync('mkfifo', [join(rig.made('tree'), 'pipe')]);
      return undefined;
    },
  });
  expect(await rig.run([tree])).toEqual(['tree']);
  expect(await rig.run([tree])).toEqual([]);
});

test('an output that is only looked at is not read for the digest', async () => {
  const file = rig.in('source.tar');
  const fetch: Step = {
    ...rig.step('fetch'),
    inputs: () => ({ settings: {} }),
    outputs: () => [{ path: file, check: 'stat' }],
    run: () => Promise.resolve('sha256 of it'),
  };
  const user = rig.step('user', { needs: [fetch] });
  rig.write('source.tar', 'one');
  await rig.run([user]);
  rig.write('source.tar', 'two, fetched anew');
  const { records } = await rig.runAll([user]);
  expect(records.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(['fetch built', 'user fresh']);
});

test('a result is the same whether a step ran or was fresh', async () => {
  const a = rig.step('a', { run: () => 'made' });
  const nothing: Step<undefined> = {
    ...rig.step('nothing'),
    outputs: () => [],
    run: () => Promise.resolve(undefined),
  };
  for (let turn = 0; turn < 2; turn++) {
    const { view } = await rig.runAll([a, nothing]);
    expect(view.result(a)).toBe('made');
    expect(view.result(nothing)).toBeUndefined();
  }
  expect((await rig.plan([a, nothing])).resultOf(a)).toBe('made');
});

test('a copy of an out directory does not use what lies in the original', async () => {
  const tree: Step<{ dir: string }> = {
    ...rig.step('tree'),
    outputs: ({ dir }) => [{ path: dir }],
    run: ({ workDir }) => {
      mkdirSync(join(workDir, 'target'));
      return Promise.resolve({ dir: join(workDir, 'target') });
    },
  };
  await rig.run([tree]);
  const original = rig.outDir;
  rig.outDir = `${original}-copy`;
  execFileSync('cp', ['-a', original, rig.outDir]);
  expect((await rig.plan([tree])).steps[0]?.outcome).toBe('build');
  const { view } = await rig.runAll([tree]);
  expect(view.result(tree).dir).toBe(join(rig.outDir, 'work', 'tree', 'target'));
  rig.outDir = original;
  expect((await rig.plan([tree])).steps[0]?.outcome).toBe('fresh');
});

test('writes stamps that explain themselves', async () => {
  await rig.run([rig.step('a', { files: ['a.txt'], settings: { flags: ['-Os'] } })]);
  const stamp = rig.store.readStamp('a');
  expect(stamp).toMatchObject({
    fingerprint: { id: 'a', revision: 1, settings: { flags: ['-Os'] }, needs: {} },
    result: 'a',
    reason: 'it has not run in this directory yet',
  });
  expect(Object.values(stamp?.fingerprint.files ?? {})).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(stamp?.seconds).toBeGreaterThanOrEqual(0);
  expect(statSync(rig.outDir).isDirectory()).toBe(true);
});
