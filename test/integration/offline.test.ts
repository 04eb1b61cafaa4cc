import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, leftovers, projectMaker } from './rig.ts';

const ARCHIVES = {
  kernel: 'linux-6.1.999.tar.xz',
  busybox: 'busybox-1.37.0.tar.bz2',
  lxc: 'lxc-5.0.2.tar.gz',
  libcap: 'libcap-2.66.tar.xz',
} as const;

type Component = keyof typeof ARCHIVES;

const create = projectMaker();
let project: TempProject;
let server: Server;
/** Paths that were requested from the server. */
const asked: string[] = [];

beforeAll(async () => {
  project = await create();
  const pack = (component: Component): Buffer => {
    const name = ARCHIVES[component];
    execFileSync('tar', ['-caf', join(project.dir, name), '-C', join(project.dir, 'sources'), component]);
    return readFileSync(join(project.dir, name));
  };
  const files = new Map(
    (Object.keys(ARCHIVES) as Component[]).map((component) => [`/${ARCHIVES[component]}`, pack(component)]),
  );
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(files.get(request.url ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const source = (component: Component): object => {
    const name = ARCHIVES[component];
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
    const sha256 = createHash('sha256')
      .update(files.get(`/${name}`)!)
      .digest('hex');
    return { sources: [{ version: /-([\d.]+)\.tar/.exec(name)?.[1], url, sha256 }] };
  };
  project.writeBoard('remote', {
    kernel: source('kernel'),
    busybox: source('busybox'),
    lxc: source('lxc'),
    libcap: source('libcap'),
    images: ['tar.gz'],
  });
});

afterAll(() => {
  server.close();
});

test('nothing can be built offline before the sources were fetched', async () => {
  const failed = await project.run(['build', '--board', 'remote', '--offline']);
  expect(failed.exitCode).toBe(4);
  expect(failed.stderr).toContain('help: run: npx lxc-kit fetch --board remote\n');
  expect(asked).toEqual([]);
});

test('fetch downloads and verifies every source, once, and says where each is from', async () => {
  const { exitCode, stdout, stderr } = await project.run(['fetch', '--board', 'remote']);
  expect(exitCode, stderr).toBe(0);
  expect(asked.sort()).toEqual(
    Object.values(ARCHIVES)
      .map((name) => `/${name}`)
      .sort(),
  );
  expect(stdout.trimEnd().split('\n').sort()).toEqual(
    [
      ['busybox 1.37.0', ARCHIVES.busybox],
      ['kernel 6.1.999', ARCHIVES.kernel],
      ['libcap 2.66', ARCHIVES.libcap],
      ['lxc 5.0.2', ARCHIVES.lxc],
    ].map(
      ([what, name]) => `${what} from http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`,
    ),
  );
  expect(leftovers(project, 'remote')).toEqual([]);
  const again = await project.run(['fetch', '--board', 'remote']);
  expect(again).toMatchObject({ exitCode: 0, stdout });
  expect(asked).toHaveLength(4);
});

test('then the whole board can be built offline, with the server gone, in an out directory of its own too', async () => {
  server.close();
  server.closeAllConnections();
  await buildWell(project, ['--offline'], { board: 'remote' });
  await buildWell(project, ['--offline', '--out', 'out/another', '--until', 'build-kernel'], {
    board: 'remote',
  });
  expect(asked).toHaveLength(4);
  expect(project.listOut('remote')).toContain('images/rootfs.tar.gz');
});
