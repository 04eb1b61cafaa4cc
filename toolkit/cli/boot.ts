import { inOut } from '../host/own-folders.ts';
import { KitError } from '../base/errors.ts';
import { bootGuest, type BootEvent, type BootResult } from '../emulator/boot-guest.ts';
import { BootFailure } from '../emulator/boot-failure.ts';
import { runInteractive } from '../emulator/interactive.ts';
import { junitReport } from '../emulator/junit.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { hostRequirements, missingOnHost } from '../opened-board/host-requirements.ts';
import { checkImages } from '../boot/check-images.ts';
import { writeGuestInitrd, type ShellMode } from '../boot/guest-initrd.ts';
import { guestChecks, throwFailures } from './boot-checks.ts';
import { describeGuest } from '../boot/describe-guest.ts';
import { refuseMissing } from '../session/refuse-missing.ts';
import { interruptSignal } from './interrupt.ts';
import { displayPath } from '../session/display-path.ts';
import { openBuild, type BoardOptions } from '../session/open-build.ts';
import { printStatus } from './terminal.ts';

export interface BootOptions extends BoardOptions {
  readonly run?: readonly string[];
  readonly timeout?: number;
  readonly root?: 'initramfs' | 'disk';
  readonly junit?: string;
  readonly skipContainerCheck?: boolean;
  readonly console?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 120;

/** `lxc-kit boot`: boots the built images; with `--run` runs commands and exits 0 only if all of them did. */
export async function boot(options: BootOptions): Promise<void> {
  const signal = interruptSignal(() => undefined);
  const build = await openBuild(options);
  refuseMissing(
    missingOnHost(build, hostRequirements(build).boot),
    `run: npx lxc-kit doctor --install --board ${options.board}`,
  );
  const described = describeGuest(build, options.root);
  const { kernelFile, root } = described.guest;
  await checkImages(build, [kernelFile, root.file]);
  const logFile = inOut(build.outDir, 'logs', 'console.log');
  const shell = options.run === undefined ? terminalMode() : ({ mode: 'commands' } as const);
  const guest = { ...described.guest, initrd: await writeGuestInitrd(build, described, shell, signal) };
  if (options.run === undefined) {
    await runInteractive({
      guest,
      shows: options.console === true ? 'console' : 'shell',
      terminal: { input: process.stdin, output: process.stdout },
      logFile,
      env: build.env,
      signal,
      inform: printStatus,
    });
    return;
  }
  const timeoutSeconds = (options.timeout ?? DEFAULT_TIMEOUT_SECONDS) * timeoutFactor();
  const writeReport = async (outcome: BootResult | BootFailure): Promise<void> => {
    if (options.junit === undefined) return;
    await writeAtomic(options.junit, junitReport(build.loaded.profile.name, options.run ?? [], outcome));
  };
  let result: BootResult;
  try {
    result = await bootGuest({
      guest,
      checks: guestChecks(build, options),
      commands: options.run,
      timeoutSeconds,
      logFile,
      env: build.env,
      signal,
      onEvent: showEvent,
    });
  } catch (error) {
    if (signal.aborted)
      throw new KitError('INTERRUPTED', 'interrupted: the emulator was ended', { cause: error });
    if (error instanceof BootFailure) await writeReport(error);
    throw error;
  }
  await writeReport(result);
  throwFailures(result, build.loaded.profile.cgroup, displayPath(logFile));
}

function showEvent(event: BootEvent): void {
  switch (event.type) {
    case 'shell-up':
      printStatus(`the guest's shell is up after ${event.seconds.toFixed(1)} s`);
      break;
    case 'checked':
      for (const { name, failures, warnings } of event.result.cases) {
        // The first line only: the error at the end of the boot shows all of it.
        for (const failure of failures) printStatus(`${name}: ${failure.split('\n')[0] ?? ''}`);
        for (const warning of warnings) printStatus(`warning: ${name}: ${warning}`);
      }
      break;
    case 'command-started':
      printStatus(`# ${event.command}`);
      break;
    case 'output':
      process.stdout.write(event.bytes);
      break;
    case 'command-finished':
      if (event.result.exitCode !== 0) printStatus(`exit code ${event.result.exitCode}`);
      break;
  }
}

/** A shell for the user's terminal, or for 80 columns where there is none. */
function terminalMode(): ShellMode {
  return { mode: 'terminal', rows: process.stdout.rows || 24, columns: process.stdout.columns || 80 };
}

/** Multiplies all boot timeouts, for slow machines. */
function timeoutFactor(): number {
  const factor = Number(process.env['LXC_KIT_TIMEOUT_FACTOR'] ?? '1');
  return Number.isFinite(factor) && factor > 0 ? factor : 1;
}
