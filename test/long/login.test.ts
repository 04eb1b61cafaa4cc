import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

const folder = shippedPath('out', 'test', 'own-shadow');
const profile = join(folder, 'malta.yaml');
/** In the out directory of malta-mipsel, so that only the root filesystem is made again. */
const board = new RealBoard(profile, 'malta-mipsel');
/** `openssl passwd -6 -salt abcdefgh 'correct horse'` */
const HASH =
  '$6$abcdefgh$yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.';

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'shadow'), `root:${HASH}:20000:0:99999:7:::\n`);
  writeFileSync(
    profile,
    `schema: 1
name: malta-mipsel
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
images: [cpio.gz]
containers: [${shippedPath('boards', 'containers', 'system1.yaml')}]
rootfs:
  files:
    - { path: /etc/shadow, type: file, mode: '0600', source: ./shadow }
`,
  );
  const { exitCode, stderr } = await board.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});

/** Types into BusyBox's login, which reads from a terminal alone: `script` makes one. */
const login = (...typed: readonly string[]): string =>
  `(for line in ${typed.map((line) => `'${line}'`).join(' ')}; do sleep 4; echo "$line"; done; sleep 4) | timeout 24 script -q -c 'login root' /dev/null; true`;

test("a password in the board's /etc/shadow lets root log in, and another one does not", async () => {
  const { exitCode, stdout, stderr } = await board.boot([
    login('correct horse', 'echo "I am $(id -un)"', 'exit'),
    'echo ----',
    login('wrong horse'),
  ]);
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
  const [right, wrong] = stdout.split('----');
  expect(right).toMatch(/^I am root\r?$/m);
  expect(right).not.toContain('Login incorrect');
  expect(wrong).toContain('Login incorrect');
});
