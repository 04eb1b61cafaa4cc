import { resolve } from 'node:path';
import { writeAtomic } from '../../host/write-atomic.ts';
import { minimalConfig } from '../../steps/minimal-config.ts';
import { displayPath } from '../display-path.ts';
import { print, tell } from '../terminal.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

/** `lxc-kit kconfig savedefconfig`: the board's configuration without what follows from it. */
export async function savedefconfig(options: TreeOptions & { readonly write?: string }): Promise<void> {
  await withConfiguredTree(options, async ({ configured, build, context }) => {
    const { text, unlike } = await minimalConfig(configured, build, context);
    if (unlike.length > 0) {
      tell(
        `warning: ${configured.name} does not come out the same with this alone; other values: ${unlike.join(', ')}`,
      );
    }
    if (options.write === undefined) {
      if (text === '') tell('every symbol has its default: nothing is left');
      else print(text.trimEnd());
      return;
    }
    const file = resolve(process.cwd(), options.write);
    await writeAtomic(file, text);
    const lines = text.split('\n').length - 1;
    tell(
      `wrote ${displayPath(file)}: ${lines} lines for the ${configured.name} of ${build.loaded.profile.name}`,
    );
  });
}
