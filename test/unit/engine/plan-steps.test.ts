import { expect, test } from 'vitest';
import { fingerprintHash, type Fingerprint } from '../../../toolkit/engine/fingerprint.ts';
import type { LookUp, ReadyResult } from '../../../toolkit/engine/plan-steps.ts';
import { hashBytes } from '../../../toolkit/host/hash-file.ts';
import { EngineRig } from './rig.ts';

/** A store in which results lie by step, and who was asked for. */
function store(ready: Readonly<Record<string, Partial<ReadyResult>>>) {
  const asked: Fingerprint[] = [];
  const lookUp: LookUp = (fingerprint) => {
    asked.push(fingerprint);
    const found = ready[fingerprint.id];
    return Promise.resolve(
      found && { result: `of ${fingerprint.id}`, digest: 'digest', hashOf: () => undefined, ...found },
    );
  };
  return { lookUp, asked };
}

test('a step whose result lies ready is to be restored, and what comes after it is judged', async () => {
  const rig = new EngineRig();
  const configured = rig.step('configure', { shared: true });
  const kernel = rig.step('kernel', { needs: [configured], shared: true });
  const image = rig.step('image', { needs: [kernel], shared: true });
  const { lookUp } = store({ configure: {}, kernel: {} });
  const plan = await rig.plan([image], lookUp);
  expect(plan.steps.map(({ step, outcome }) => `${step.id} ${outcome}`)).toEqual([
    'configure restore',
    'kernel restore',
    'image build',
  ]);
  expect(plan.resultOf(kernel)).toBe('of kernel');
  expect(await rig.planned([image], lookUp)).toEqual([
    'configure: restore: it has not run in this directory yet',
    'kernel: restore: it has not run in this directory yet',
    'image: it has not run in this directory yet',
  ]);
  expect(rig.ran).toEqual([]);
});

test('without a look it is to be built, and so is one that is not shared', async () => {
  const rig = new EngineRig();
  const one = rig.step('one', { shared: true });
  const own = rig.step('own');
  const after = rig.step('after', { needs: [own], shared: true });
  expect(await rig.planned([one])).toEqual(['one: it has not run in this directory yet']);
  const { lookUp, asked } = store({ own: {}, after: {} });
  expect(await rig.planned([after], lookUp)).toEqual([
    'own: it has not run in this directory yet',
    'after: comes after own',
  ]);
  expect(asked).toEqual([]);
});

test('a fresh step is not looked for', async () => {
  const rig = new EngineRig();
  const one = rig.step('one', { shared: true });
  await rig.run([one]);
  const { lookUp, asked } = store({ one: {} });
  expect(await rig.planned([one], lookUp)).toEqual(['one: fresh']);
  expect(asked).toEqual([]);
});

test('a file that a restored step would leave counts as it will be, not as it is', async () => {
  const rig = new EngineRig();
  rig.write('config', 'old');
  const configured = rig.step('configure', { shared: true, settings: { branch: 1 } });
  const kernel = rig.step('kernel', { after: [configured], files: ['config'], shared: true });
  const sha256 = hashBytes('new');
  const hashOf = (file: string) => (file === rig.in('config') ? sha256 : undefined);
  const { lookUp, asked } = store({ configure: { hashOf } });
  await rig.plan([kernel], lookUp);
  expect(asked.map(({ id, files }) => [id, files])).toEqual([
    ['configure', {}],
    ['kernel', { config: sha256 }],
  ]);
});

test('keeps a step after a restored one fresh when that leaves the same as before', async () => {
  const rig = new EngineRig();
  const make = (branch: number) => {
    const one = rig.step('one', { shared: true, settings: { branch }, run: () => 'the same' });
    return { one, after: rig.step('after', { needs: [one] }) };
  };
  await rig.run([make(1).after]);
  const digest = rig.store.readStamp('one')?.digest ?? '';
  const { lookUp, asked } = store({ one: { digest } });
  expect(await rig.planned([make(2).after], lookUp)).toEqual([
    'one: restore: setting branch changed from 1 to 2',
    'after: fresh',
  ]);
  expect(asked.map(fingerprintHash)).toHaveLength(1);
});
