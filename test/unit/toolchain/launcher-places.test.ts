import { expect, test } from 'vitest';
import { launchers } from '../../../toolkit/toolchain/launchers.ts';

test('ccache shares objects of two out directories, and with a group where the store does', () => {
  const places = { cacheDir: '/store/ccache', outDir: '/out/stb', statisticsFile: '/out/stb/log' };
  const own = launchers.ccache.environment({ ...places, ofGroup: false });
  expect(own).toMatchObject({ CCACHE_DIR: '/store/ccache', CCACHE_BASEDIR: '/out/stb' });
  expect(own).not.toHaveProperty('CCACHE_UMASK');
  expect(launchers.ccache.environment({ ...places, ofGroup: true })).toMatchObject({ CCACHE_UMASK: '002' });
});
