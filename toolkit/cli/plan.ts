import { describeIds, mapsOf } from '../lxc-keys/id-map-lines.ts';
import type { PlannedStep } from '../engine/plan-steps.ts';
import { openBuild, type BoardOptions } from '../session/open-build.ts';
import { listSources, planBuild } from '../session/plan-build.ts';
import { refuseIncompatibleVersions } from '../steps/check-versions.ts';
import { createSteps } from '../steps/index.ts';
import { print } from './terminal.ts';

/** `lxc-kit plan`: what a build would do, and why. */
export async function plan(options: BoardOptions & { readonly json?: boolean }): Promise<void> {
  const build = await openBuild(options);
  await refuseIncompatibleVersions(build);
  const steps = createSteps(build);
  const planned = await planBuild(build, steps.all);
  const sources = listSources(build, steps, planned);
  const containers = build.loaded.profile.containers.map((container) => {
    const idmap = mapsOf(container);
    return { name: container.name, privileged: idmap.length === 0, idmap };
  });
  if (options.json === true) {
    const list = planned.steps.map(({ step, outcome, reasons }) => ({
      id: step.id,
      status: outcome,
      reasons,
    }));
    print(JSON.stringify({ board: build.loaded.profile.name, steps: list, containers, sources }, null, 2));
    return;
  }
  const width = Math.max(...planned.steps.map(({ step }) => step.id.length));
  for (const one of planned.steps) print(`${one.step.id.padEnd(width)}  ${describePlanned(one)}`);
  print('');
  for (const { name, idmap } of containers) print(`container: ${name}, ${describeIds(idmap)}`);
  for (const { component, taken, candidates } of sources) {
    print(
      taken === undefined
        ? `source: ${component}, to be taken from the first available of: ${candidates.join(', ')}`
        : `source: ${taken}`,
    );
  }
}

const OUTCOMES: Readonly<Record<PlannedStep['outcome'], string>> = {
  fresh: 'fresh',
  restore: 'to be restored from the store',
  build: 'to be built',
};

/** `fresh`, or what a build would do and why. */
export function describePlanned({ outcome, reasons }: PlannedStep): string {
  return [OUTCOMES[outcome], ...(reasons.length === 0 ? [] : [reasons.join('; ')])].join(': ');
}
