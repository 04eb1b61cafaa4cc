import { readManifest } from '../report/build-manifest.ts';
import { missingOnHost } from '../opened-board/host-requirements.ts';
import { refuseIncompatibleVersions } from '../steps/check-versions.ts';
import { createSteps } from '../steps/index.ts';
import { findStep } from './find-step.ts';
import { openBuild } from './open-build.ts';
import { planBuild } from './plan-build.ts';
import { refuseMissing, toolsFor } from './refuse-missing.ts';
import { runInOut } from './run-in-out.ts';

/*
 * The exports of the package: `import … from 'lxc-kit'`; docs/api.md describes them. The exported types name no type of
 * another file, because only this file's declarations are in the package.
 */

/** Options of a board, as on the command line. */
export interface BoardOptions {
  /** The out directory; by default `out/BOARD` in the current directory. */
  readonly out?: string;
  /** Sources by component, instead of those in the profile: `{ lxc: 'lxc-6.0.6.tar.gz' }`. */
  readonly sources?: Readonly<Record<string, string>>;
  /** Whether the network must not be used. */
  readonly offline?: boolean;
}

/** A checked board. */
export interface Board {
  readonly name: string;
  /** Absolute. */
  readonly outDir: string;
  /** The profile with everything that it extends, its containers and all defaults; host paths are absolute. */
  readonly profile: Readonly<Record<string, unknown>>;
  /** Returns what a build would do, step by step, and why. Changes nothing. */
  plan(): Promise<PlannedStep[]>;
  /**
   * Builds the board, or everything up to one step. Throws an error with a `code` such as TOOL_MISSING,
   * SOURCE_UNAVAILABLE, SYMBOL_LOST or STEP_FAILED; see `BuildError`.
   */
  build(options?: BuildOptions): Promise<BuildManifest>;
  /** Returns the manifest of the last build; undefined without one. */
  manifest(): BuildManifest | undefined;
}

/** A step of a build, and what a build would do with it. */
export interface PlannedStep {
  readonly id: string;
  readonly outcome: 'fresh' | 'restore' | 'build';
  /** Why it is not fresh; empty if it is. */
  readonly reasons: readonly string[];
}

/** Options of a build. */
export interface BuildOptions {
  /** The id of the last step to run; by default all steps run. */
  readonly until?: string;
  /** The number of processes at the same time; by default the number of cores. */
  readonly jobs?: number;
  /** Stops the build; finished steps are kept. */
  readonly signal?: AbortSignal;
  /** Called for everything that happens; the same objects as the lines of `--log-format json`. */
  readonly onEvent?: (event: BuildEvent) => void;
}

/** Something that happened in a build. */
export interface BuildEvent {
  /** `step-started`, `step-progress`, `step-finished`, `tool-line`, `note`, `warning`, … */
  readonly type: string;
  /** The id of the step that it is about. */
  readonly step?: string;
}

/** The record of a build, as in `manifest.json`. */
export interface BuildManifest {
  /** The format of the manifest. */
  readonly schema: number;
  readonly board: string;
  readonly outcome: string;
  /** Versions by component. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly sources: readonly {
    readonly component: string;
    readonly version?: string | undefined;
    readonly origin: string;
    readonly sha256: string;
  }[];
  readonly steps: readonly { readonly id: string; readonly outcome: string; readonly seconds: number }[];
  /** The files of the build; paths are relative to the out directory, sizes are in bytes. */
  readonly artefacts: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
}

/** An error that a person can act on. Anything else that is thrown is a bug in lxc-kit. */
export interface BuildError extends Error {
  /** `TOOL_MISSING`, `PROFILE_INVALID`, `STEP_FAILED`, …; docs/commands.md has the exit code of each. */
  readonly code: string;
  /** One command or one edit that fixes it. */
  readonly hint: string | undefined;
  readonly lines: readonly string[];
  /** The log of the step that failed. */
  readonly logFile: string | undefined;
}

/**
 * Opens a board by its name in `boards/`, or by the path of its profile. Throws a `BuildError`: BOARD_UNKNOWN, or
 * PROFILE_INVALID with all problems of the profile at once.
 */
export async function openBoard(board: string, options: BoardOptions = {}): Promise<Board> {
  const { out, sources = {}, offline = false } = options;
  const source = Object.entries(sources).map(([component, path]) => `${component}=${path}`);
  const opened = await openBuild({ board, source, offline, ...(out === undefined ? {} : { out }) });
  const { profile } = opened.loaded;
  return {
    name: profile.name,
    outDir: opened.outDir,
    profile,
    async plan() {
      await refuseIncompatibleVersions(opened);
      const { steps } = await planBuild(opened, createSteps(opened).all);
      return steps.map(({ step, outcome, reasons }) => ({ id: step.id, outcome, reasons }));
    },
    async build({ until, jobs, signal = new AbortController().signal, onEvent = () => undefined } = {}) {
      await refuseIncompatibleVersions(opened);
      const steps = createSteps(opened);
      const wanted = until === undefined ? steps.all : [findStep(steps, until)];
      refuseMissing(
        missingOnHost(opened, toolsFor(opened, wanted)),
        `run: npx lxc-kit doctor --board ${board} --install`,
      );
      const report = { emit: onEvent, close: () => undefined, finished: () => undefined };
      const run = { report: () => report, ...(jobs === undefined ? {} : { jobs }) };
      await runInOut(opened, steps, wanted, run, signal);
      const manifest = readManifest(opened.outDir);
      if (manifest === undefined) throw new Error(`${opened.outDir} has no manifest after a build`);
      return manifest;
    },
    manifest: () => readManifest(opened.outDir),
  };
}
