import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { DiagnosticsError } from '../../toolkit/base/diagnostic.ts';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import type { CgroupLayout } from '../../toolkit/cgroups/layouts.ts';
import { convertConfig } from '../../toolkit/lxc-adoption/convert-config.ts';
import { emitContainer } from '../../toolkit/containers/emit-container.ts';
import { Findings } from '../../toolkit/lxc-keys/findings.ts';
import { featuresOf } from '../unit/containers/feature-containers.ts';
import { randomContainer } from '../unit/containers/random-container.ts';
import { device, readLines, ofBoard, target } from '../unit/containers/rig.ts';
import { fixture } from './fixture.ts';

/** A configuration that lxc-kit wrote. */
export interface EmittedConfig {
  /** Name of the definition or file that it was made from. */
  readonly from: string;
  readonly text: string;
}

const host = device(
  { path: '/data', type: 'dir' },
  { path: '/run', type: 'dir' },
  { path: '/bin/hostname', type: 'symlink', target: 'busybox' },
);

/** Configurations for a release and a layout: of each feature, random containers, and those of the shipped boards. */
export async function emittedConfigs(
  lxcVersion: string,
  cgroup: CgroupLayout,
  randomOnes: number,
): Promise<EmittedConfig[]> {
  const definitions: { from: string; definition: unknown }[] = [
    ...featuresOf(lxcVersion).map(({ feature, definition }) => ({ from: feature, definition })),
    ...Array.from({ length: randomOnes }, (_, i) => ({
      from: `random definition ${String(i + 1)}`,
      definition: randomContainer(i + 1, lxcVersion),
    })),
    ...filesIn(shippedPath('boards', 'containers'), '.yaml').map(({ name, text }) => ({
      from: name,
      definition: parse(text) as unknown,
    })),
  ];
  return Promise.all(
    definitions.map(async ({ from, definition }) => {
      const container = ofBoard(definition);
      const { configText } = await emitContainer(container, target({ lxcVersion, cgroup, host }));
      return { from, text: configText };
    }),
  );
}

/** The configurations of test/fixtures/lxc-configs for a release; those that it cannot express are left out. */
export async function convertedConfigs(lxcVersion: string): Promise<EmittedConfig[]> {
  const converted = await Promise.all(
    filesIn(fixture('lxc-configs'), '.conf').map(async ({ name, text }) => {
      const findings = new Findings();
      const lines = await readLines(text, findings);
      try {
        const written = convertConfig(lines, { lxcVersion, cgroup: undefined }, findings);
        return [{ from: `${name}, converted`, text: written }];
      } catch (error) {
        if (error instanceof DiagnosticsError) return [];
        throw error;
      }
    }),
  );
  return converted.flat();
}

function filesIn(dir: string, suffix: string): { name: string; text: string }[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(suffix))
    .map((name) => ({ name: basename(name), text: readFileSync(join(dir, name), 'utf8') }));
}
