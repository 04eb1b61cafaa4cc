import { KitError } from '../base/errors.ts';
import type { HostTool } from '../host/host-tools.ts';
import { orderSteps } from '../engine/order-steps.ts';
import type { Step } from '../engine/step.ts';
import type { Build } from '../opened-board/build.ts';
import { hostRequirements, packagesOf, toolsOfSteps } from '../opened-board/host-requirements.ts';

/** Returns the host tools of the steps that a run of `wanted` may need. */
export function toolsFor(build: Build, wanted: readonly Step[]): HostTool[] {
  const ids = orderSteps(wanted).map(({ id }) => id);
  return toolsOfSteps(hostRequirements(build), ids);
}

/** Returns the one command that installs the tools. */
export function installCommand(tools: readonly HostTool[]): string {
  return `apt-get install --no-install-recommends ${packagesOf(tools).join(' ')}`;
}

/** Throws TOOL_MISSING with all missing tools, the command that installs them, and how lxc-kit would do it. */
export function refuseMissing(tools: readonly HostTool[], byLxcKit: string): void {
  if (tools.length === 0) return;
  throw new KitError(
    'TOOL_MISSING',
    `the host lacks ${tools.length === 1 ? 'a tool' : `${tools.length} tools`}`,
    {
      lines: tools.map(
        ({ name, debianPackage, neededFor }) =>
          `${name}, needed for ${neededFor} (Debian package ${debianPackage})`,
      ),
      hint: `run as root: ${installCommand(tools)}\n        or ${byLxcKit}`,
    },
  );
}
