import { Places } from '../engine/places.ts';
import { planSteps, type Plan, type PlannedStep } from '../engine/plan-steps.ts';
import type { Step } from '../engine/step.ts';
import { StepStore } from '../engine/step-store.ts';
import { openLookUp } from '../results/open-results.ts';
import { catalog, type ComponentName } from '../sources/catalog.ts';
import { describeSpec } from '../sources/source-spec.ts';
import type { Build } from '../steps/build.ts';
import { refuseToldMisfits } from '../steps/check-versions.ts';
import { describeSource } from '../steps/fetch-source.ts';
import { createSteps, type BuildSteps } from '../steps/index.ts';
import { openBuild, type BoardOptions } from './open-build.ts';
import { print } from './terminal.ts';

/** `lxc-kit plan`: what a build would do, and why. */
export async function plan(options: BoardOptions & { readonly json?: boolean }): Promise<void> {
  const build = await openBuild(options);
  await refuseToldMisfits(build);
  const steps = createSteps(build);
  const planned = await planBuild(build, steps.all);
  const sources = listSources(build, steps, planned);
  if (options.json === true) {
    const list = planned.steps.map(({ step, outcome, reasons }) => ({
      id: step.id,
      status: outcome,
      reasons,
    }));
    print(JSON.stringify({ board: build.loaded.profile.name, steps: list, sources }, null, 2));
    return;
  }
  const width = Math.max(...planned.steps.map(({ step }) => step.id.length));
  for (const one of planned.steps) print(`${one.step.id.padEnd(width)}  ${describePlanned(one)}`);
  print('');
  for (const { component, taken, candidates } of sources) {
    print(
      taken === undefined
        ? `source: ${component}, to be had from the first of: ${candidates.join(', ')}`
        : `source: ${taken}`,
    );
  }
}

/** What a build of these steps would do, without the remote cache. */
export async function planBuild(build: Build, wanted: readonly Step[]): Promise<Plan> {
  const places = new Places({ out: build.outDir, store: build.storeDir });
  return planSteps(wanted, new StepStore(build.outDir), openLookUp({ ...build, places }));
}

const OUTCOMES: Readonly<Record<PlannedStep['outcome'], string>> = {
  fresh: 'fresh',
  restore: 'to be restored from the store',
  build: 'to be built',
};

/** `fresh`, or what is to be done and why. */
export function describePlanned({ outcome, reasons }: PlannedStep): string {
  return [OUTCOMES[outcome], ...(reasons.length === 0 ? [] : [reasons.join('; ')])].join(': ');
}

/** Where each source was taken from, or where it will be looked for. */
function listSources(
  build: Build,
  steps: BuildSteps,
  planned: Plan,
): { component: string; taken: string | undefined; candidates: string[] }[] {
  const components = Object.keys(catalog) as ComponentName[];
  return components.flatMap((component) => {
    const step = steps.fetches.find(({ id }) => id === `fetch-${component}`);
    // This board does without the component.
    if (step === undefined) return [];
    const taken = planned.resultOf(step);
    const override = build.overrides.get(component);
    const candidates =
      override === undefined
        ? (build.loaded.profile[component].sources ?? catalog[component].candidates)
        : [{ path: override }];
    const source = {
      component,
      taken: taken === undefined ? undefined : describeSource(taken),
      candidates: candidates.map(describeSpec),
    };
    return [source];
  });
}
