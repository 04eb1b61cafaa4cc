import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KitEvent } from '../../../toolkit/base/event.ts';
import { PortablePaths } from '../../../toolkit/engine/portable-paths.ts';
import { planSteps, type LookUp, type Plan } from '../../../toolkit/engine/plan-steps.ts';
import { runSteps, type RunStepsResult } from '../../../toolkit/engine/run-steps.ts';
import type { SharedResults } from '../../../toolkit/engine/shared-results.ts';
import { StepStore } from '../../../toolkit/engine/step-store.ts';
import type { Json, Step, StepContext } from '../../../toolkit/engine/step.ts';
import { scratchDir } from '../scratch.ts';

/** The parts of a step that matter to a test. */
export interface StepSketch {
  readonly needs?: readonly Step[];
  readonly after?: readonly Step[];
  readonly settings?: Readonly<Record<string, Json>>;
  /** Names of input files in `in/`. */
  readonly files?: readonly string[];
  /** Names of output files in `made/`; `run` writes what it returns into the first, unless it writes itself. */
  readonly makes?: readonly string[];
  readonly weight?: Step['weight'];
  readonly revision?: number;
  readonly workKey?: string;
  readonly shared?: boolean;
  readonly sharedAs?: Step['sharedAs'];
  readonly run?: (context: StepContext) => string | undefined | Promise<string | undefined>;
}

/** A directory with input files and steps over them. */
export class EngineRig {
  readonly dir = scratchDir();
  outDir = join(this.dir, 'out');
  readonly events: KitEvent[] = [];
  /** Ids of the steps whose `run` was called, in order. */
  ran: string[] = [];

  get store(): StepStore {
    return new StepStore(this.outDir);
  }

  write(name: string, content: string): void {
    mkdirSync(dirname(this.in(name)), { recursive: true });
    writeFileSync(this.in(name), content);
  }

  in(name: string): string {
    return join(this.dir, 'in', name);
  }

  made(name: string): string {
    return join(this.outDir, 'made', name);
  }

  read(name: string): string {
    return existsSync(this.made(name)) ? readFileSync(this.made(name), 'utf8') : '(none)';
  }

  /** A step that writes what `run` returns into its first output, and has that as its result. */
  step(id: string, sketch: StepSketch = {}): Step<string | undefined> {
    const { needs = [], after, settings = {}, files = [], makes = [id], workKey } = sketch;
    return {
      id,
      title: () => `Making ${id}`,
      needs,
      ...(after === undefined ? {} : { after }),
      revision: sketch.revision ?? 1,
      weight: sketch.weight ?? 'light',
      ...(sketch.shared === undefined ? {} : { shared: sketch.shared }),
      ...(sketch.sharedAs === undefined ? {} : { sharedAs: sketch.sharedAs }),
      inputs: () => ({ settings, files: Object.fromEntries(files.map((name) => [name, this.in(name)])) }),
      outputs: () => makes.map((name) => ({ path: this.made(name) })),
      ...(workKey === undefined ? {} : { workKey: () => workKey }),
      run: async (context) => {
        this.ran.push(id);
        const text = await (sketch.run ?? (() => id))(context);
        const [first] = makes;
        if (text !== undefined && first !== undefined) {
          mkdirSync(dirname(this.made(first)), { recursive: true });
          rmSync(this.made(first), { force: true });
          writeFileSync(this.made(first), text);
        }
        return text;
      },
    };
  }

  /** Runs steps and returns the ids of those that ran, in alphabetical order: side by side they have no other. */
  async run(steps: readonly Step[]): Promise<string[]> {
    const { error } = await this.runAll(steps);
    if (error instanceof Error) throw error;
    return [...this.ran].sort();
  }

  async runAll(
    steps: readonly Step[],
    signal = new AbortController().signal,
    results?: SharedResults,
  ): Promise<RunStepsResult> {
    this.ran = [];
    this.events.length = 0;
    const emit = (event: KitEvent): void => void this.events.push(event);
    const places = new PortablePaths({ out: this.outDir });
    return runSteps(steps, {
      store: this.store,
      emit,
      signal,
      jobs: 2,
      ...(results === undefined ? {} : { results, places }),
    });
  }

  async plan(steps: readonly Step[], lookUp?: LookUp): Promise<Plan> {
    return planSteps(steps, this.store, lookUp);
  }

  /** The plan, a line for each step. */
  async planned(steps: readonly Step[], lookUp?: LookUp): Promise<string[]> {
    const { steps: planned } = await this.plan(steps, lookUp);
    return planned.map(({ step, outcome, reasons }) => {
      const why = reasons.join('; ');
      return `${step.id}: ${outcome === 'fresh' ? 'fresh' : outcome === 'restore' ? `restore: ${why}` : why}`;
    });
  }
}

/** Outcome of each step, by id. */
export function outcomes(result: RunStepsResult): Record<string, string> {
  return Object.fromEntries(result.records.map(({ id, outcome }) => [id, outcome]));
}
