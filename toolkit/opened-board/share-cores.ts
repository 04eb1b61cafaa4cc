import { compareVersions } from '../base/compare-versions.ts';
import type { StepCores } from '../engine/step.ts';
import type { Argv, JobServerAccess } from '../host/run-tool.ts';

/** A command line with its number of processes, and the jobserver that decides it if the tool supports one. */
export interface SharedCommand {
  readonly argv: Argv;
  readonly jobServer?: JobServerAccess;
  /** Must be called when the tool has ended. */
  readonly release: () => void;
}

/** Asks a tool for its version. */
export type AskVersion = (program: string) => Promise<string>;

/** How each tool connects to the jobserver. To add a tool that runs parallel processes, add a row. */
const clients: Readonly<
  Record<
    string,
    (server: NonNullable<StepCores['server']>, ask: AskVersion) => Promise<JobServerAccess | undefined>
  >
> = {
  make: (server) => Promise.resolve(server.inherited()),
  // https://ninja-build.org/manual.html, "GNU Jobserver support"
  ninja: async (server, ask) =>
    compareVersions(await ask('ninja'), '1.13') >= 0 ? server.named() : undefined,
};

/** Lets a tool start as many processes as the run's budget allows. */
export async function shareCores(
  argv: Argv,
  cores: StepCores | undefined,
  ask: AskVersion,
): Promise<SharedCommand> {
  if (cores === undefined) return { argv, release: () => undefined };
  const { server, total } = cores;
  const jobServer = server && (await clients[argv[0]]?.(server, ask));
  if (jobServer !== undefined) return { argv: [...argv, `-j${total}`], jobServer, release: () => undefined };
  const { jobs, release } = cores.share();
  return { argv: [...argv, `-j${jobs}`], release };
}
