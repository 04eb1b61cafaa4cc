import { expect, test } from 'vitest';
import { createSteps } from '../../../toolkit/steps/index.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

/** The settings of the step that packs the ext4 image of a board with these images. */
async function settingsOf(images: readonly unknown[]): Promise<unknown> {
  const { all } = createSteps(await sampleBuild(scratchDir(), { images }));
  const step = all.find(({ id }) => id === 'pack-ext4');
  const view = { result: () => expect.unreachable('nothing ran') };
  return (await step?.inputs(view))?.settings;
}

test('the parameters of a format are part of what decides its image, and only where there are any', async () => {
  const plain = await settingsOf(['ext4']);
  expect(plain).toEqual({ epoch: expect.any(Number) as number });
  expect(await settingsOf([{ ext4: { size: '64M' } }])).toEqual({
    ...(plain as object),
    parameters: { size: 64 * 1024 * 1024 },
  });
});
