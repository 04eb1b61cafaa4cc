import { expect, test } from 'vitest';
import { PortablePaths } from '../../../toolkit/engine/portable-paths.ts';

const here = new PortablePaths({ out: '/home/me/out/stb', store: '/home/me' });
const there = new PortablePaths({ out: '/ci/build', store: '/var/cache/kit' });
const result = {
  image: '/home/me/out/stb/images/vmlinux',
  dirs: ['/home/me/out/stb', '/home/me/trees/x'],
  origin: 'file /home/me/out/stb/x',
  other: '/home/mean/x',
  size: 3,
  none: null,
};

test('a result means the same in another place', () => {
  expect(there.fromPortable(here.toPortable(result))).toEqual({
    image: '/ci/build/images/vmlinux',
    dirs: ['/ci/build', '/var/cache/kit/trees/x'],
    origin: 'file /home/me/out/stb/x',
    other: '/home/mean/x',
    size: 3,
    none: null,
  });
  expect(here.fromPortable(here.toPortable(result))).toEqual(result);
});

test('two places of the out directory are changed for one another', () => {
  const swapped = here.swapped('out', { emulator: 'images' });
  const own = [
    '/home/me/out/stb/emulator/vmlinux',
    '/home/me/out/stb/images',
    '/home/me/out/stb/emulators/x',
  ];
  const portable = swapped.toPortable(own);
  expect(portable).toEqual(
    here.toPortable([
      '/home/me/out/stb/images/vmlinux',
      '/home/me/out/stb/emulator',
      '/home/me/out/stb/emulators/x',
    ]),
  );
  expect(swapped.fromPortable(portable)).toEqual(own);
  expect(there.swapped('out', { emulator: 'images' }).fromPortable(portable)).toEqual([
    '/ci/build/emulator/vmlinux',
    '/ci/build/images',
    '/ci/build/emulators/x',
  ]);
  expect(new PortablePaths({}).swapped('out', { emulator: 'images' }).toPortable(own)).toEqual(own);
});

test('a path below an unknown place is refused', () => {
  const portable = here.toPortable('/home/me/out/stb/x');
  expect(() => new PortablePaths({ store: '/x' }).fromPortable(portable)).toThrow('"out"');
});
