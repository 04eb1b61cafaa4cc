import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

/** Steps that compile, which both boards have in common. */
const COMPILED = ['build-kernel', 'build-busybox'];

function outcomes(board: RealBoard): Record<string, string> {
  const { steps } = JSON.parse(board.read('manifest.json')) as { steps: { id: string; outcome: string }[] };
  return Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]));
}

test('two real boards that are built at once compile what they share once, and both have all of it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-two-boards-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  const file = join(dir, 'without-containers.yaml');
  const malta = shippedPath('boards', 'malta-mipsel.yaml');
  writeFileSync(
    file,
    JSON.stringify({ schema: 1, name: 'without-containers', extends: [malta], containers: [] }),
  );
  // A time that no build had before: nothing of it is in the store.
  const env = { SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 1000)) };
  const boards = [new RealBoard('malta-mipsel', 'two-a', env), new RealBoard(file, 'two-b', env)];
  for (const { outDir } of boards) rmSync(outDir, { recursive: true, force: true });
  const ended = await Promise.all(boards.map((board) => board.build()));
  for (const { exitCode, stderr } of ended) expect(exitCode, stderr).toBe(0);

  const [first = {}, second = {}] = boards.map(outcomes);
  for (const step of COMPILED) expect([first[step], second[step]].sort()).toEqual(['built', 'restored']);
  const [kernel, same] = boards.map(({ outDir }) => readFileSync(join(outDir, 'images/vmlinux')));
  expect(kernel?.equals(same ?? Buffer.alloc(0))).toBe(true);
  // Results that differ are not shared.
  expect([first['emit-containers'], second['emit-containers']]).toEqual(['built', 'built']);
});
