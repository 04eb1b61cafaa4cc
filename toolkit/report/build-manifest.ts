import { readFileSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inOut } from '../host/own-folders.ts';
import type { StepRecord } from '../engine/step-record.ts';
import type { ConfinedContainer } from '../confinement/confined-container.ts';
import type { HardenedProgram } from '../programs/describe-hardening.ts';
import { hashFile } from '../host/hash-file.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { writeTimeline } from './timeline.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';

/** The inputs and results of a build, as far as it got. */
export interface BuildReport {
  readonly outDir: string;
  readonly kitVersion: string;
  readonly board: string;
  readonly profileFiles: readonly string[];
  readonly cgroup: string;
  readonly outcome: 'built' | 'failed' | 'interrupted';
  readonly sources: readonly ResolvedSource[];
  /** The corrections made in the sources, by component. */
  readonly corrections: Readonly<
    Record<string, readonly Readonly<Record<'file' | 'reason' | 'upstream', string>>[]>
  >;
  readonly lxc: { readonly version: string; readonly compiled: boolean } | undefined;
  readonly toolchain: Toolchain | undefined;
  /** Undefined when they were not written. */
  readonly containers: readonly ConfinedContainer[] | undefined;
  /** The programs of the image; undefined when the build did not get there. */
  readonly programs: readonly HardenedProgram[] | undefined;
  readonly steps: readonly StepRecord[];
}

/** Folders of the out directory whose files are artefacts. */
const ARTEFACT_FOLDERS = ['images', 'emulator', 'containers', 'config'];

/** The contents of `manifest.json`. */
export type BuildManifest = Awaited<ReturnType<typeof manifestOf>>;

/** Writes `manifest.json`: board, versions, sources and artefacts with their hashes, toolchain, steps. */
export async function writeBuildManifest(report: BuildReport): Promise<void> {
  const { outDir, board, steps } = report;
  const manifest = await manifestOf(report);
  await writeTimeline(outDir, board, steps);
  await writeAtomic(inOut(outDir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function manifestOf(report: BuildReport) {
  const { outDir, sources, corrections, toolchain, steps, lxc, containers, programs } = report;
  return {
    schema: 1,
    'lxc-kit': report.kitVersion,
    board: report.board,
    profile: report.profileFiles,
    cgroup: report.cgroup,
    outcome: report.outcome,
    versions: {
      ...Object.fromEntries(sources.map(({ component, version }) => [component, version])),
      ...(lxc === undefined ? {} : { lxc: lxc.version }),
    },
    ...(lxc === undefined ? {} : { lxc: { version: lxc.version, 'compiled-here': lxc.compiled } }),
    sources: sources.map(({ component, version, kind, form, origin, sha256, files }) => ({
      component,
      version,
      kind,
      form,
      origin,
      sha256,
      files: files.map((file) => ({ name: file.name, sha256: file.sha256, size: file.sizeBytes })),
      ...(corrections[component] === undefined ? {} : { corrections: corrections[component] }),
    })),
    ...(toolchain === undefined ? {} : { toolchain }),
    ...(containers === undefined ? {} : { containers: containers.map(describeContainer) }),
    ...(programs === undefined ? {} : { programs }),
    steps: steps.map(({ id, outcome, start, seconds, reason, compilerCache }) => ({
      id,
      outcome,
      start: Number(start.toFixed(3)),
      seconds: Number(seconds.toFixed(3)),
      reason,
      ...(compilerCache === undefined ? {} : { 'compiler-cache': compilerCache }),
    })),
    artefacts: await listArtefacts(outDir),
  };
}

function describeContainer({ name, privileged, idmap, missing }: ConfinedContainer) {
  return {
    name,
    privileged,
    idmap: idmap.map(({ kind, container, host, count }) => ({ kind, container, host, count })),
    missing: missing.map(({ measure, why, chosen, open }) => ({ measure, why, chosen, open })),
  };
}

/** Whether there is a manifest of a whole build with these steps; a run without news need not replace it. */
export function manifestHolds(outDir: string, stepIds: readonly string[]): boolean {
  const earlier = readManifest(outDir);
  return earlier?.outcome === 'built' && earlier.steps.map(({ id }) => id).join() === stepIds.join();
}

/** Removes the images that the manifest of an earlier build lists and the profile no longer requests. */
export async function removeOldImages(outDir: string, wanted: readonly string[]): Promise<void> {
  for (const { path } of readManifest(outDir)?.artefacts ?? []) {
    const file = join(outDir, path);
    if (/^(?:images|emulator)\/[^/.][^/]*$/.test(path) && !wanted.includes(file))
      await rm(file, { force: true });
  }
}

/** The LXC version of the images in an out directory; undefined when its manifest does not say. */
export function builtLxcVersion(outDir: string): string | undefined {
  return readManifest(outDir)?.lxc?.version;
}

/** Returns the manifest of the last build; undefined when there is none, or it is not one of lxc-kit. */
export function readManifest(outDir: string): BuildManifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(inOut(outDir, 'manifest.json'), 'utf8')) as BuildManifest;
    return Array.isArray(manifest.steps) && Array.isArray(manifest.artefacts) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

async function listArtefacts(outDir: string): Promise<{ path: string; size: number; sha256: string }[]> {
  const artefacts = [];
  for (const folder of ARTEFACT_FOLDERS) {
    for (const name of filesOf(join(outDir, folder))) {
      const file = join(outDir, folder, name);
      artefacts.push({ path: `${folder}/${name}`, size: statSync(file).size, sha256: await hashFile(file) });
    }
  }
  return artefacts;
}

function filesOf(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => !name.startsWith('.') && statSync(join(dir, name)).isFile())
      .sort();
  } catch {
    return [];
  }
}
