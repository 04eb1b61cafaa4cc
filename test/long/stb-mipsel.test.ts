import { beforeAll, expect, test } from 'vitest';
import { RealBoard, START_CONTAINER1 } from '../rigs/real-board.ts';

const stb = new RealBoard('stb-mipsel', 'stb-mipsel');

beforeAll(async () => {
  const { exitCode, stderr } = await stb.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});

test.each(['initramfs', 'disk'])(
  'its userland runs the containers on the emulator kernel, root on %s',
  async (root) => {
    const { exitCode, stdout } = await stb.boot([START_CONTAINER1, 'lxc-ls --fancy'], '--root', root);
    expect(stdout).toMatch(/^container1\n/);
    expect(stdout).toMatch(/^system1\s+RUNNING 1 /m);
    expect(exitCode).toBe(0);
  },
);
