import { resolve } from 'node:path';
import { writeAtomic } from '../../host/write-atomic.ts';
import { minimalConfig } from '../../configuration/minimal-config.ts';
import { displayPath } from '../../session/display-path.ts';
import { print, printStatus } from '../terminal.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

/** `lxc-kit kconfig savedefconfig`: the board's minimal configuration, without values that follow from others. */
export async function savedefconfig(options: TreeOptions & { readonly write?: string }): Promise<void> {
  await withConfiguredTree(options, async ({ configured, build, context }) => {
    const { text, unlike } = await minimalConfig(configured, build, context);
    if (unlike.length > 0) {
      printStatus(
        `warning: this alone does not reproduce the configuration of the ${configured.name}; other values: ${unlike.join(', ')}`,
      );
    }
    if (options.write === undefined) {
      if (text === '') printStatus('every symbol has its default: the result is empty');
      else print(text.trimEnd());
      return;
    }
    const file = resolve(process.cwd(), options.write);
    await writeAtomic(file, text);
    const lines = text.split('\n').length - 1;
    printStatus(
      `wrote ${displayPath(file)}: ${lines} lines for the ${configured.name} of ${build.loaded.profile.name}`,
    );
  });
}
