import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildWell, message, projectMaker } from './rig.ts';

const create = projectMaker();

test('ccache has its objects in the store, and launcher: none compiles without it', async () => {
  const project = await create();
  project.writeBoard('cached', { toolchain: { launcher: 'ccache' } });
  await buildWell(project, [], { board: 'cached' });
  expect(project.read('out/cached/logs/build-kernel.log')).toMatch(/'CC=\S*\/ccache /);
  expect(readdirSync(join(project.storeDir, 'ccache')).length).toBeGreaterThan(1);
  project.writeBoard('plain', { toolchain: { launcher: 'none' } });
  await buildWell(project, [], { board: 'plain', env: { LXC_KIT_STORE_LIMIT: '0' } });
  expect(project.read('out/plain/logs/build-kernel.log')).not.toContain('ccache');
});

test('a launcher that the profile names has to be there', async () => {
  const project = await create({ withoutHostTools: ['distcc'] });
  project.writeBoard('launched', { toolchain: { launcher: 'distcc' } });
  const failed = await project.run(['build', '--board', 'launched']);
  expect(failed.exitCode).toBe(3);
  expect(message(project, failed)).toContain('distcc');
});

test('the compiler of every component goes through it, with the variables that are its own', async () => {
  const project = await create({ withoutHostTools: ['icecc'] });
  project.write(
    'host-tools/icecc',
    `#!/bin/sh\necho "$ICECC_SCHEDULER \${FAKE_SECRET-none} $*" >> ${project.dir}/calls\nexec "$@"\n`,
  );
  chmodSync(join(project.dir, 'host-tools/icecc'), 0o755);
  project.writeBoard('launched', { toolchain: { launcher: 'icecc' } });
  const env = { ICECC_SCHEDULER: 'scheduler.example', FAKE_SECRET: 'told' };
  await buildWell(project, [], { board: 'launched', env });
  const calls = project.read('calls').trim().split('\n');
  expect(calls.length).toBeGreaterThan(3);
  expect(calls.filter((call) => !call.startsWith('scheduler.example none '))).toEqual([]);
  for (const component of ['kernel', 'busybox', 'libcap'])
    expect(project.read(`out/launched/logs/build-${component}.log`)).toContain('host-tools/icecc');
  expect(project.read('out/launched/work/build-lxc/cross.ini')).toMatch(/^c = \['.*host-tools\/icecc', /m);
});
