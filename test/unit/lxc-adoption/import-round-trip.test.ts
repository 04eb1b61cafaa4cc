import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cgroupLayouts, type CgroupLayout } from '../../../toolkit/cgroups/layouts.ts';
import { cpuWeight } from '../../../toolkit/cgroups/cgroup-settings.ts';
import { definitionYaml } from '../../../toolkit/lxc-adoption/definition-yaml.ts';
import { emitContainer } from '../../../toolkit/containers/emit-container.ts';
import { featureContainers, featuresOf } from '../containers/feature-containers.ts';
import { keysOf, schemaKeys } from '../containers/schema-keys.ts';
import { randomContainer } from '../containers/random-container.ts';
import { device, imported, ofBoard, target } from '../containers/rig.ts';

/** Each era, and what changed within one. */
const ERAS: readonly (readonly [version: string, cgroup: CgroupLayout])[] = [
  ['1.1.5', 'v1-single'],
  ['2.0.8', 'v1'],
  ['2.1.1', 'v1'],
  ['3.0.3', 'v1'],
  ['3.2.1', 'v1'],
  ['4.0.12', 'v1'],
  ['4.0.12', 'v2'],
  ['5.0.3', 'v2'],
  ['6.0.6', 'v1'],
  ['7.0.0', 'v2'],
];

const DEFINITIONS = 60;

const host = device({ path: '/data', type: 'dir' }, { path: '/run', type: 'dir' });

async function configOf(definition: unknown, lxcVersion: string, cgroup: CgroupLayout): Promise<string> {
  const container = ofBoard(definition);
  return (await emitContainer(container, target({ lxcVersion, cgroup, host }))).configText;
}

/**
 * A definition with everything filled in. Shares of one weight are the same on cgroup v2, and mounts are written a
 * parent before its children, whatever their order was.
 */
function meaningOf(definition: unknown, cgroup: CgroupLayout): unknown {
  const container = ofBoard(definition);
  const byTarget = <Mount extends { to: string }>(mounts: readonly Mount[]): Mount[] =>
    mounts.toSorted((a, b) => (a.to < b.to ? -1 : 1));
  const shares = container.limits['cpu-shares'];
  const weighed =
    shares === undefined || cgroupLayouts[cgroup].version === 'v1'
      ? {}
      : { 'cpu-shares': `weight ${cpuWeight(shares)}` };
  return {
    ...container,
    privileged: container.privileged === true,
    bind: byTarget(container.bind),
    mounts: byTarget(container.mounts),
    limits: { ...container.limits, ...weighed },
  };
}

describe.each(ERAS)('definition -> config of LXC %s, cgroup %s -> definition', (version, cgroup) => {
  it(`is the same for ${DEFINITIONS} random definitions`, async () => {
    for (let seed = 1; seed <= DEFINITIONS; seed++) {
      const definition = randomContainer(seed, version);
      const config = await configOf(definition, version, cgroup);
      const { definition: back } = await imported(config, {}, { lxcVersion: version, cgroup });
      const shown = `seed ${seed}:\n${definitionYaml(definition)}\n${config}`;
      expect(meaningOf(back, cgroup), shown).toEqual(meaningOf(definition, cgroup));
      // And once more by way of its YAML, to the very bytes.
      expect(await configOf(parse(definitionYaml(back)), version, cgroup), shown).toBe(config);
    }
  });
});

describe.each(ERAS)('feature -> config of LXC %s, cgroup %s -> feature', (version, cgroup) => {
  it.each(featuresOf(version))('$feature', async ({ definition }) => {
    const config = await configOf(definition, version, cgroup);
    const { definition: back } = await imported(config, {}, { lxcVersion: version, cgroup });
    expect(meaningOf(back, cgroup), config).toEqual(meaningOf(definition, cgroup));
    expect(await configOf(parse(definitionYaml(back)), version, cgroup)).toBe(config);
  });
});

/** Keys that leave no trace in a configuration. */
const NOT_IN_A_CONFIGURATION: Readonly<Record<string, string>> = {
  'rootfs.from.tar': 'what the files were made of is not in them',
  'rootfs.from.directory': 'likewise',
  'masked-paths': 'they are mounts in it',
};

it('every key of a definition is in a feature', () => {
  const used = new Set(featureContainers.flatMap(({ definition }) => keysOf(definition)));
  const known = schemaKeys('container');
  expect(known.length).toBeGreaterThan(70);
  const missing = known.filter((key) => !used.has(key) && NOT_IN_A_CONFIGURATION[key] === undefined);
  expect(missing).toEqual([]);
  expect(Object.keys(NOT_IN_A_CONFIGURATION).filter((key) => !known.includes(key))).toEqual([]);
});

it('adds no note on settings that stay the same', async () => {
  const config = await configOf(randomContainer(1, '5.0.3'), '5.0.3', 'v2');
  const { notes } = await imported(config);
  expect(notes.filter((note) => !note.includes('raw: kept in raw'))).toEqual([]);
});
