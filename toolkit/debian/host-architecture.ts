import { runTool } from '../host/run-tool.ts';
import type { SourceContext } from '../download/source-context.ts';
import { Unavailable } from '../download/unavailable.ts';

/** Debian's name of the host's architecture, such as `amd64`. Throws Unavailable without dpkg. */
export async function hostArchitecture(context: SourceContext): Promise<string> {
  const { storeDir: cwd, env, logFile, signal } = context;
  const result = await runTool(['dpkg', '--print-architecture'], {
    cwd,
    env,
    logFile,
    signal,
    capture: true,
  });
  if (result.kind !== 'exited' || result.exitCode !== 0) throw new Unavailable('this machine has no apt');
  return result.output.trim();
}
