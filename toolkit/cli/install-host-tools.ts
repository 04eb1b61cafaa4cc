import { tmpdir } from 'node:os';
import { KitError } from '../base/errors.ts';
import type { HostTool } from '../host/host-tools.ts';
import { runToolOrFail, toolEnvironment, type Argv } from '../host/run-tool.ts';
import { packagesOf } from '../opened-board/host-requirements.ts';
import { findProgram } from '../host/find-program.ts';
import { installCommand } from '../session/refuse-missing.ts';
import { printStatus } from './terminal.ts';

/** Installs Debian packages, as root or through sudo. Throws TOOL_MISSING when neither is possible. */
export async function installHostTools(tools: readonly HostTool[], signal: AbortSignal): Promise<void> {
  if (tools.length === 0) return;
  const env = toolEnvironment(process.env, { DEBIAN_FRONTEND: 'noninteractive' });
  const path = process.env['PATH'] ?? '';
  const asRoot = process.getuid?.() === 0;
  if (findProgram('apt-get', path) === undefined || (!asRoot && findProgram('sudo', path) === undefined)) {
    throw new KitError('TOOL_MISSING', `${names(tools)} cannot be installed by lxc-kit here`, {
      hint: asRoot
        ? 'install them with the package manager of this system'
        : `run as root: ${installCommand(tools)}`,
    });
  }
  const privileged = (argv: Argv): Argv => (asRoot ? argv : ['sudo', '-n', ...argv]);
  printStatus(`installing on the host: ${packagesOf(tools).join(' ')}`);
  const run = (argv: Argv): Promise<string> =>
    runToolOrFail(privileged(argv), { cwd: tmpdir(), env, signal, capture: true });
  try {
    await run(['apt-get', 'update', '-q']);
    await run(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packagesOf(tools)]);
  } catch (error) {
    signal.throwIfAborted();
    const lines = error instanceof KitError ? error.lines : [];
    throw new KitError('TOOL_MISSING', `the host tools could not be installed: ${names(tools)}`, {
      lines,
      hint: `run as root: ${installCommand(tools)}`,
      cause: error,
    });
  }
}

function names(tools: readonly HostTool[]): string {
  return tools.map(({ name }) => name).join(', ');
}
