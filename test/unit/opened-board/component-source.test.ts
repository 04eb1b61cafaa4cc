import { expect, test } from 'vitest';
import { sourceRequest } from '../../../toolkit/opened-board/component-source.ts';
import { catalog } from '../../../toolkit/sources/catalog.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

test("the sources of the profile stand in place of lxc-kit's own", async () => {
  const build = await sampleBuild(scratchDir());
  expect(sourceRequest(build, 'kernel').candidates).toEqual([{ debian: 'linux-source-6.1' }]);
  expect(sourceRequest(build, 'lxc').candidates).toEqual(catalog.lxc.candidates);
});

test('one of the command line stands in place of all others', async () => {
  const overrides = new Map([['kernel', '/srv/linux']]);
  const build = await sampleBuild(scratchDir(), {}, { overrides });
  expect(sourceRequest(build, 'kernel').candidates).toEqual([{ path: '/srv/linux' }]);
});
