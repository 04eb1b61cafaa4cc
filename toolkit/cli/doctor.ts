import { KitError } from '../base/errors.ts';
import { hostRequirements, missingOnHost } from '../opened-board/host-requirements.ts';
import { probeToolchain } from '../toolchain/probe-toolchain.ts';
import { installCommand } from '../session/refuse-missing.ts';
import { installHostTools } from './install-host-tools.ts';
import { interruptSignal } from './interrupt.ts';
import { openBuild, type BoardOptions } from '../session/open-build.ts';
import { print } from './terminal.ts';

/** `lxc-kit doctor`: what the host lacks for a board, and the one command that installs it. */
export async function doctor(options: BoardOptions & { readonly install?: boolean }): Promise<void> {
  const signal = interruptSignal(() => undefined);
  const build = await openBuild(options);
  const { build: needed, boot, useful } = hostRequirements(build);
  if (options.install === true)
    await installHostTools(missingOnHost(build, [...needed, ...boot, ...useful]), signal);
  const missing = missingOnHost(build, [...needed, ...boot]);
  for (const tool of missing)
    print(`missing: ${tool.name}, needed for ${tool.neededFor} (Debian package ${tool.debianPackage})`);
  for (const tool of missingOnHost(build, useful))
    print(`useful: ${tool.name}, for ${tool.neededFor} (Debian package ${tool.debianPackage})`);
  if (missing.length > 0) {
    throw new KitError(
      'TOOL_MISSING',
      `the host lacks ${missing.length} of the tools that ${build.loaded.profile.name} needs`,
      {
        hint: `run as root: ${installCommand(missing)}\n        or: npx lxc-kit doctor --install --board ${options.board}`,
      },
    );
  }
  const { prefix, directory, cflags } = build.loaded.profile.toolchain;
  const toolchain = await probeToolchain({
    prefix,
    directory,
    cflags,
    architecture: build.architecture,
    env: build.env,
    signal,
  });
  print(`toolchain: ${toolchain.identity}`);
  print(`the host has everything that ${build.loaded.profile.name} needs`);
}
