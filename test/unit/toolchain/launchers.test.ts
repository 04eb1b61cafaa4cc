import { expect, test } from 'vitest';
import { countCompilations, launchers } from '../../../toolkit/toolchain/launchers.ts';

test('counts the compilations of a ccache log, and nothing beside them', () => {
  const log = `# a.c
direct_cache_hit
local_storage_hit
local_storage_read_hit
# b.c
cache_miss
direct_cache_miss
local_storage_miss
preprocessed_cache_miss
# c.c
direct_cache_miss
preprocessed_cache_hit
# conftest
called_for_link
`;
  expect(countCompilations(launchers.ccache.counted, log)).toEqual({ hits: 2, misses: 1 });
});
