import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { progressReporter } from './report-progress.ts';
import type { SourceContext } from './source-context.ts';

/**
 * Reports how much another program has downloaded into its own directory while it runs.
 * Returns a function that ends the watch.
 */
export function watchSize(
  dir: string,
  download: { readonly total?: number; readonly text: string },
  context: Pick<SourceContext, 'emit' | 'step'>,
): () => void {
  const report = progressReporter(context);
  const timer = setInterval(() => void measure(), 500);
  timer.unref();

  async function measure(): Promise<void> {
    try {
      const sizes = (await readdir(dir)).map(async (name) => (await stat(join(dir, name))).size);
      const done = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      report({ done, ...download, unit: 'bytes' });
    } catch {
      // A file was renamed between readdir and stat; the next round sees it.
    }
  }

  return () => {
    clearInterval(timer);
  };
}
