import { expect, test } from 'vitest';
import type { StepCores } from '../../../toolkit/engine/step.ts';
import type { JobServerAccess } from '../../../toolkit/host/run-tool.ts';
import { shareCores } from '../../../toolkit/opened-board/share-cores.ts';

const access = { auth: 'fifo' } as unknown as JobServerAccess;
const cores: StepCores = {
  total: 8,
  server: { inherited: () => access, named: () => access },
  share: () => ({ jobs: 3, release: () => undefined }),
};

test.each([
  ['1.11.1', '-j3', false],
  ['1.12.9', '-j3', false],
  ['1.13.0', '-j8', true],
  ['1.14.0', '-j8', true],
])('ninja %s gets %s', async (version, jobs, isShared) => {
  const { argv, jobServer } = await shareCores(['ninja'], cores, () => Promise.resolve(version));
  expect(argv).toEqual(['ninja', jobs]);
  expect(jobServer !== undefined).toBe(isShared);
});
