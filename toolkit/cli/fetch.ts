import type { LogFormat } from '../logging/create-logger.ts';
import { describeSource } from '../opened-board/component-source.ts';
import { createSteps } from '../steps/index.ts';
import { runInOut } from '../session/run-in-out.ts';
import { interruptSignal } from './interrupt.ts';
import { openBuild, type BoardOptions } from '../session/open-build.ts';
import { reportRun } from './report-run.ts';
import { print, printStatus } from './terminal.ts';

/** `lxc-kit fetch`: downloads and verifies every source, so that `build --offline` works. */
export async function fetch(options: BoardOptions & { readonly logFormat: LogFormat }): Promise<void> {
  const signal = interruptSignal(() => {
    printStatus('interrupted: what was downloaded is kept');
  });
  const build = await openBuild(options);
  const steps = createSteps(build);
  const result = await runInOut(
    build,
    steps,
    steps.fetches,
    { report: () => reportRun(build, steps, options.logFormat) },
    signal,
  );
  for (const step of steps.fetches) {
    const source = result.view.result(step);
    if (source !== undefined) print(describeSource(source));
  }
}
