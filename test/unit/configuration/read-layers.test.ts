import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import type { KitEvent } from '../../../toolkit/base/event.ts';
import type { ConfigureContext } from '../../../toolkit/configuration/configured-tree.ts';
import { readLayers, type ReadLayers } from '../../../toolkit/configuration/read-layers.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

/** Reads a base and a fragment; `emitted` gets the warnings. */
function read(base: string, fragment: string, emitted: string[] = []): ReadLayers {
  const dir = scratchDir();
  writeFiles(dir, { 'box.config': base, 'extra.config': fragment });
  const fileOf = (name: string) => ({ file: join(dir, name), shownAs: name });
  const context = {
    logFile: join(dir, 'configure-kernel.log'),
    emit: (event: KitEvent) => {
      if (event.type === 'warning') emitted.push(event.message);
    },
  } as unknown as ConfigureContext;
  const target = { program: 'Linux', kernelArch: 'mips' } as const;
  return readLayers([fileOf('extra.config')], { file: fileOf('box.config'), target }, context);
}

test('the mistakes of the base and of the fragments are reported together', () => {
  let printed: string[] = [];
  try {
    read('CONFIG_USB=y\nCONFIG_NET y\n', 'CONFIG VETH=y\n');
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    printed = error.diagnostics.map((one) => formatDiagnostic(one).split(' ')[0] ?? '');
  }
  expect(printed).toEqual(['box.config:2:1', 'extra.config:1:1']);
});

test('a line that is twice in a file is warned of, up to fifteen of them', () => {
  const emitted: string[] = [];
  const twice = (count: number): string =>
    Array.from({ length: count }, (_, index) => `CONFIG_A${index}=y\nCONFIG_A${index}=m\n`).join('');
  const { base, layers } = read('CONFIG_USB=y\n', twice(17), emitted);
  expect(base?.lines.map(({ symbol }) => symbol)).toEqual(['CONFIG_USB']);
  expect(layers).toHaveLength(1);
  expect(emitted).toHaveLength(16);
  expect(emitted[0]).toMatch(/^extra\.config:2 /);
  expect(emitted.at(-1)).toBe('2 more lines are twice in a file');
});
