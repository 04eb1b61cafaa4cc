import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KitError } from '../base/errors.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { cgroupLayouts } from '../containers/cgroup-settings.ts';
import { parseConfigLine } from '../containers/parse-config-line.ts';
import { bootGuest, type BootEvent, type BootResult, type GuestCheck } from '../emulator/boot-guest.ts';
import { BootFailure, type CheckResult } from '../emulator/boot-failure.ts';
import { checkEmulatorKernel } from '../emulator/check-emulator-kernel.ts';
import { runInteractive } from '../emulator/interactive.ts';
import { junitReport } from '../emulator/junit.ts';
import { machines, type GuestRoot, type Machine } from '../emulator/machines.ts';
import type { Guest } from '../emulator/qemu-command.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { imageFormats, type ImageFormat } from '../images/formats.ts';
import { checkCgroups } from '../guest-checks/check-cgroups.ts';
import {
  checkContainers,
  CONTAINER_CHECK,
  type ExpectedContainer,
} from '../guest-checks/check-containers.ts';
import { readFinalConfig } from '../kconfig/audit-config.ts';
import { builtLxcVersion } from '../report/build-manifest.ts';
import type { Build } from '../steps/build.ts';
import { controllersOf, describeFit } from '../steps/describe-fit.ts';
import { hostRequirements, missingOnHost } from '../steps/host-requirements.ts';
import { refuseMissing } from './install-host-tools.ts';
import { interruptSignal } from './interrupt.ts';
import { displayPath } from './display-path.ts';
import { openBuild, type BoardOptions } from './open-build.ts';
import { tell } from './terminal.ts';

export interface BootOptions extends BoardOptions {
  readonly run?: readonly string[];
  readonly timeout?: number;
  readonly root?: 'initramfs' | 'disk';
  readonly junit?: string;
  readonly skipContainerCheck?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 120;

/** Images that a disk root can be made of, the first one that was built. */
const DISK_IMAGES = ['squashfs', 'ext4'] as const;

/** `lxc-kit boot`: boots the built images; with `--run` runs commands and exits 0 only if all of them did. */
export async function boot(options: BootOptions): Promise<void> {
  const signal = interruptSignal(() => undefined);
  const build = await openBuild(options);
  refuseMissing(
    missingOnHost(build, hostRequirements(build).boot),
    `run: npx lxc-kit doctor --install --board ${options.board}`,
  );
  const guest = describeGuest(build, options.root);
  if (options.run === undefined) {
    await runInteractive(guest, build.env, signal, tell);
    return;
  }
  const logFile = join(build.outDir, 'logs', 'console.log');
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
  throwFailures(result, build, displayPath(logFile));
}

function throwFailures({ checks, commands }: BootResult, build: Build, logFile: string): void {
  const failed = commands.filter(({ exitCode }) => exitCode !== 0);
  const lines = failed.map(({ command, exitCode }) => `exit code ${exitCode}: ${command}`);
  const many = `${failed.length} of ${commands.length} commands failed in the guest`;
  const wrong = checks.filter(({ cases }) => cases.some(({ failures }) => failures.length > 0));
  const [first] = wrong;
  if (first !== undefined) {
    const found = wrong.flatMap(({ cases }) => cases.flatMap(({ failures }) => failures));
    throw new KitError('BOOT_FAILED', describeFailure(first, build), {
      lines: [...found.flatMap((text) => text.split('\n')), ...(failed.length === 0 ? [] : [many, ...lines])],
      ...hintFor(first),
      logFile,
    });
  }
  if (failed.length > 0) throw new KitError('BOOT_FAILED', many, { lines, logFile });
}

function describeFailure({ name, cases }: CheckResult, build: Build): string {
  if (name !== CONTAINER_CHECK)
    return `the guest's cgroups are not those of "cgroup: ${build.loaded.profile.cgroup}"`;
  const wrong = cases.filter(({ failures }) => failures.length > 0);
  return `${wrong.length} of ${cases.length} containers ${wrong.length === 1 ? 'is' : 'are'} not as defined`;
}

function hintFor({ name }: CheckResult): { readonly hint?: string } {
  if (name === CONTAINER_CHECK)
    return { hint: 'the console shows more: npx lxc-kit boot, then lxc-start -F -n NAME -l DEBUG' };
  return {
    hint: '/etc/init.d/rcS has to mount them before containers are started; see docs/lxc-compatibility.md',
  };
}

/** What is looked at before the commands run: the cgroups of a board with containers, then the containers. */
function guestChecks(build: Build, { skipContainerCheck = false }: BootOptions): GuestCheck[] {
  const { cgroup, containers } = build.loaded.profile;
  const cgroups = checkCgroups({
    layout: cgroup,
    lxcVersion: builtLxcVersion(build.outDir) ?? ASSUMED_LXC,
    controllers: [...new Set(containers.flatMap((one) => controllersOf(one, cgroup)))].sort(),
    withSettings: describeFit(build.loaded.profile).withSettings.length > 0,
  });
  return [
    ...(containers.length === 0 ? [] : [cgroups]),
    ...(skipContainerCheck
      ? []
      : [checkContainers(containers.flatMap(autostarted), cgroupLayouts[cgroup].version)]),
  ];
}

/** A container that the device starts at boot; one that says so in `raw` does, too. */
function autostarted({ name, autostart, raw }: ContainerDefinition): ExpectedContainer[] {
  const auto = raw.some((text) => {
    const line = parseConfigLine(text);
    return line.kind === 'setting' && line.key === 'lxc.start.auto' && Number(line.value) > 0;
  });
  if (autostart === false && !auto) return [];
  return [{ name, delaySeconds: typeof autostart === 'object' ? (autostart.delay ?? 0) : 0 }];
}

/** What counts when a build left no manifest: the rules of every LXC that is not very old. */
const ASSUMED_LXC = '5.0';

function showEvent(event: BootEvent): void {
  switch (event.type) {
    case 'shell-up':
      tell(`the guest's shell is up after ${event.seconds.toFixed(1)} s`);
      break;
    case 'checked':
      for (const { name, failures, warnings } of event.result.cases) {
        // All of it is shown when the boot has ended.
        for (const failure of failures) tell(`${name}: ${failure.split('\n')[0] ?? ''}`);
        for (const warning of warnings) tell(`warning: ${name}: ${warning}`);
      }
      break;
    case 'command-started':
      tell(`# ${event.command}`);
      break;
    case 'output':
      process.stdout.write(event.bytes);
      break;
    case 'command-finished':
      if (event.result.exitCode !== 0) tell(`exit code ${event.result.exitCode}`);
      break;
  }
}

/** What is booted: the emulator's kernel or the board's own, and an image that was built. */
function describeGuest(build: Build, wanted: 'initramfs' | 'disk' | undefined): Guest {
  const { emulator, kernel, toolchain, name } = build.loaded.profile;
  const machine = machines[emulator.machine];
  const qemu = machine?.programs[toolchain.arch];
  if (machine === undefined || qemu === undefined) {
    throw new KitError(
      'PROFILE_INVALID',
      `emulator.machine is "${emulator.machine}", which lxc-kit does not know for ${toolchain.arch}`,
      {
        hint: `machines: ${Object.keys(machines).join(', ')}`,
      },
    );
  }
  const own = emulator.kernel === undefined;
  const kernelFile = own
    ? join(build.outDir, 'images', basename(kernel.image))
    : join(build.outDir, 'emulator', 'vmlinux');
  const root = chooseRoot(build, wanted);
  for (const file of [kernelFile, root.file]) {
    if (existsSync(file)) continue;
    throw new KitError('USAGE', `${displayPath(file)} is not there: ${name} was not built`, {
      hint: `run: npx lxc-kit build --board ${build.boardArgument}`,
    });
  }
  checkKernel(build, machine, root, own ? 'kernel' : 'emulator-kernel');
  return {
    program: qemu.program,
    machine,
    cpu: emulator.cpu,
    memory: emulator.memory,
    kernelFile,
    root,
    ...(emulator.network === undefined ? {} : { network: emulator.network }),
  };
}

function chooseRoot(build: Build, wanted: 'initramfs' | 'disk' | undefined): GuestRoot {
  const { images } = build.loaded.profile;
  const file = (kind: ImageFormat): string => join(build.outDir, 'images', imageFormats[kind].fileName);
  const disk = DISK_IMAGES.find((kind) => images.includes(kind));
  const hasInitramfs = images.includes('cpio.gz');
  if (wanted !== 'disk' && hasInitramfs) return { kind: 'initramfs', file: file('cpio.gz') };
  if (wanted !== 'initramfs' && disk !== undefined) return { kind: 'disk', fsType: disk, file: file(disk) };
  throw new KitError(
    'USAGE',
    `the board's images (${images.join(', ')}) hold none that can be booted as ${wanted ?? 'initramfs or disk'}`,
    {
      hint:
        wanted === 'initramfs'
          ? 'add cpio.gz to images of the profile'
          : 'add squashfs or ext4 to images of the profile',
    },
  );
}

/** Says before QEMU starts what would end in a silent console or a panic. */
function checkKernel(build: Build, machine: Machine, root: GuestRoot, name: string): void {
  const file = join(build.outDir, 'config', `${name}.config`);
  if (!existsSync(file)) return;
  const missing = checkEmulatorKernel(
    machine,
    root,
    readFinalConfig(readFileSync(file, 'utf8')),
    build.loaded.profile.emulator.network !== undefined,
  );
  if (missing.length === 0) return;
  throw new KitError(
    'BOOT_FAILED',
    `this kernel cannot boot on ${machine.name} with its root on ${root.kind}`,
    {
      lines: missing.map(({ symbol, value, reason }) => `${symbol} is ${value}: ${reason}`),
      hint:
        build.loaded.profile.emulator.kernel === undefined
          ? 'add the fragment "malta", or give the emulator a kernel of its own with emulator.kernel'
          : 'add the symbols to emulator.kernel.config',
    },
  );
}

/** For slow machines: all boot timeouts are multiplied by it. */
function timeoutFactor(): number {
  const factor = Number(process.env['LXC_KIT_TIMEOUT_FACTOR'] ?? '1');
  return Number.isFinite(factor) && factor > 0 ? factor : 1;
}
