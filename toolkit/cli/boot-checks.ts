import { KitError } from '../base/errors.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { cgroupLayouts, type CgroupLayout } from '../cgroups/layouts.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import type { CheckResult } from '../emulator/boot-failure.ts';
import type { BootResult, GuestCheck } from '../emulator/boot-guest.ts';
import { checkCgroups } from '../guest-checks/check-cgroups.ts';
import {
  checkContainers,
  CONTAINER_CHECK,
  type ExpectedContainer,
} from '../guest-checks/check-containers.ts';
import { builtLxcVersion } from '../report/build-manifest.ts';
import type { Build } from '../opened-board/build.ts';
import { ASSUMED_VERSIONS } from '../opened-board/describe-board.ts';
import { controllersOf, versionQuestion } from '../board-checks/describe-conflicts.ts';

/** The checks that run before the commands: the cgroups of a board with containers, then the containers. */
export function guestChecks(
  build: Pick<Build, 'loaded' | 'outDir'>,
  { skipContainerCheck = false }: { readonly skipContainerCheck?: boolean },
): GuestCheck[] {
  const { cgroup, containers } = build.loaded.profile;
  const cgroups = checkCgroups({
    layout: cgroup,
    lxcVersion: builtLxcVersion(build.outDir) ?? ASSUMED_VERSIONS.lxc,
    controllers: [...new Set(containers.flatMap((one) => controllersOf(one, cgroup)))].sort(),
    withSettings: versionQuestion(build.loaded.profile).withSettings.length > 0,
  });
  return [
    ...(containers.length === 0 ? [] : [cgroups]),
    ...(skipContainerCheck
      ? []
      : [checkContainers(containers.flatMap(autostarted), cgroupLayouts[cgroup].version)]),
  ];
}

/** The container, if the device starts it at boot. The keys of LXC in `raw` win, as they do in its configuration. */
export function autostarted({ name, autostart, raw }: ContainerDefinition): ExpectedContainer[] {
  const lines = raw.map(parseConfigLine);
  const inRaw = (key: string): number | undefined => {
    const line = lines.findLast((one) => one.kind === 'setting' && one.key === key);
    return line?.kind === 'setting' ? Number(line.value) : undefined;
  };
  const starts = inRaw('lxc.start.auto') ?? (autostart === false ? 0 : 1);
  if (!(starts > 0)) return [];
  const delay = typeof autostart === 'object' ? autostart.delay : undefined;
  return [{ name, delaySeconds: inRaw('lxc.start.delay') ?? delay ?? 0 }];
}

/**
 * Throws BOOT_FAILED when a check or a command failed in the guest, with the findings of the checks and each command
 * that did not exit 0. The message is about the first failed check, or about the commands when all checks passed.
 */
export function throwFailures({ checks, commands }: BootResult, cgroup: CgroupLayout, logFile: string): void {
  const failed = commands.filter(({ exitCode }) => exitCode !== 0);
  const lines = failed.map(({ command, exitCode }) => `exit code ${exitCode}: ${command}`);
  const many = `${failed.length} of ${commands.length} commands failed in the guest`;
  const wrong = checks.filter(({ cases }) => cases.some(({ failures }) => failures.length > 0));
  const [first] = wrong;
  if (first !== undefined) {
    const found = wrong.flatMap(({ cases }) => cases.flatMap(({ failures }) => failures));
    throw new KitError('BOOT_FAILED', describeFailure(first, cgroup), {
      lines: [...found.flatMap((text) => text.split('\n')), ...(failed.length === 0 ? [] : [many, ...lines])],
      ...hintFor(first),
      logFile,
    });
  }
  if (failed.length > 0) throw new KitError('BOOT_FAILED', many, { lines, logFile });
}

function describeFailure({ name, cases }: CheckResult, cgroup: CgroupLayout): string {
  if (name !== CONTAINER_CHECK) return `the guest's cgroups do not match "cgroup: ${cgroup}"`;
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
