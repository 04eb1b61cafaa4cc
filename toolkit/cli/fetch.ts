import type { LogFormat } from '../logging/create-logger.ts';
import { describeSource } from '../steps/fetch-source.ts';
import { createSteps } from '../steps/index.ts';
import { runInOut } from './build.ts';
import { interruptSignal } from './interrupt.ts';
import { openBuild, type BoardOptions } from './open-build.ts';
import { print, tell } from './terminal.ts';

/** `lxc-kit fetch`: downloads and verifies every source, so that `build --offline` works. */
export async function fetch(options: BoardOptions & { readonly logFormat: LogFormat }): Promise<void> {
  const signal = interruptSignal(() => {
    tell('interrupted: what was downloaded is kept');
  });
  const build = await openBuild(options);
  const steps = createSteps(build);
  const result = await runInOut(build, steps, steps.fetches, options, signal);
  for (const step of steps.fetches) {
    const source = result.view.result(step);
    if (source !== undefined) print(describeSource(source));
  }
}
