import { PortablePaths } from '../engine/portable-paths.ts';
import { planSteps, type Plan } from '../engine/plan-steps.ts';
import type { Step } from '../engine/step.ts';
import { StepStore } from '../engine/step-store.ts';
import type { Build } from '../opened-board/build.ts';
import { describeSource, sourceRequest } from '../opened-board/component-source.ts';
import { openLookUp } from '../results/open-results.ts';
import { catalog, type ComponentName } from '../sources/catalog.ts';
import { openSource } from '../sources/source-kinds.ts';
import type { BuildSteps } from '../steps/index.ts';

/** Returns what a build of these steps would do, without the remote cache. */
export async function planBuild(build: Build, wanted: readonly Step[]): Promise<Plan> {
  const places = new PortablePaths({ out: build.outDir, store: build.storeDir });
  return planSteps(wanted, new StepStore(build.outDir), openLookUp({ ...build, places }));
}

/** Where a component's source was taken from, or where it will be looked for. */
export interface PlannedSource {
  readonly component: string;
  readonly taken: string | undefined;
  readonly candidates: readonly string[];
}

/** The sources of a build. */
export function listSources(build: Build, steps: BuildSteps, planned: Plan): PlannedSource[] {
  const components = Object.keys(catalog) as ComponentName[];
  return components.flatMap((component) => {
    const step = steps.fetches.find(({ id }) => id === `fetch-${component}`);
    // This board does not use the component.
    if (step === undefined) return [];
    const taken = planned.resultOf(step);
    const source = {
      component,
      taken: taken === undefined ? undefined : describeSource(taken),
      candidates: sourceRequest(build, component).candidates.map((spec) => openSource(spec).description),
    };
    return [source];
  });
}
