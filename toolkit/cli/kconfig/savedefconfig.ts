import { resolve } from 'node:path';
import { writeAtomic } from '../../host/write-atomic.ts';
import { minimalConfig } from '../../steps/minimal-config.ts';
import { displayPath } from '../open-build.ts';
import { print, tell } from '../terminal.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

/** `lxc-kit kconfig savedefconfig`: the board's configuration without what follows from it. */
export async function savedefconfig(options: TreeOptions & { readonly write?: string }): Promise<void> {
  await withConfiguredTree(options, async (configured, build, context) => {
    const { text, unlike } = await minimalConfig(configured, build, context);
    if (unlike.length > 0) {
      tell(
        `warning: ${configured.name} does not come out the same with this alone; other values: ${unlike.join(', ')}`,
      );
    }
    const lines = text.trimEnd().split('\n').length;
    if (options.write === undefined) {
      print(text.trimEnd());
      return;
    }
    const file = resolve(process.cwd(), options.write);
    await writeAtomic(file, text);
    tell(
      `wrote ${displayPath(file)}: ${lines} lines for the ${configured.name} of ${build.loaded.profile.name}`,
    );
  });
}
