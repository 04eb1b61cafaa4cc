import { compareVersions, inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import { helpers } from './installed-files.ts';
import { compiledFeatures, defaultFeatures, featureSwitches, lxcOptions } from './options.ts';
import { quirks } from './quirks.ts';
import type { BuildSystem, LxcBuildPlan, LxcRecipe } from './recipe.ts';

/** The recipes of LXC by series. To add one, add a row; options.ts and quirks.ts have the details of releases. */
export const lxcRecipes: readonly LxcRecipe[] = [
  { series: '1.0', buildSystem: 'autotools' },
  {
    series: '1.1',
    buildSystem: 'autotools',
    // https://github.com/lxc/lxc/issues/1478; fixed in 1.0.9 and 2.0.5, never in 1.1.
    refuses: {
      seccomp: {
        kernelArch: 'mips',
        reason: 'LXC 1.1 does not know the system calls of MIPS, and every container with a profile fails',
      },
    },
  },
  { series: '2.0', buildSystem: 'autotools' },
  { series: '2.1', buildSystem: 'autotools' },
  { series: '3.0', buildSystem: 'autotools' },
  { series: '3.1', buildSystem: 'autotools' },
  { series: '3.2', buildSystem: 'autotools' },
  { series: '4.0', buildSystem: 'autotools' },
  { series: '5.0', buildSystem: 'meson' },
  { series: '6.0', buildSystem: 'meson' },
  { series: '7.0', buildSystem: 'meson' },
];

/**
 * For size: nothing in LXC throws or is cancelled, so it needs no unwind tables (a tenth of the library); stack guards
 * cost the same again. Separate sections let the linker leave out what a tool does not use.
 */
const SMALL = [
  '-fno-exceptions',
  '-fno-asynchronous-unwind-tables',
  '-fno-stack-protector',
  '-fno-stack-clash-protection',
  '-ffunction-sections',
  '-fdata-sections',
];

const COMMON_CFLAGS: Readonly<Record<BuildSystem, readonly string[]>> = {
  // Upstream uses it since 3.0; older code breaks the aliasing rules too. An undeclared function is assumed to return
  // an int: it may compile, but behave differently.
  autotools: [...SMALL, '-fno-strict-aliasing', '-Werror=implicit-function-declaration'],
  meson: SMALL,
};

const COMMON_LDFLAGS = ['-Wl,--gc-sections'];

/** The tables from which the plan of a release is selected. */
export const lxcTables = { lxcRecipes, lxcOptions, quirks, helpers };

/** Returns the recipe for a version: that of its own series, or the nearest one's with `exact` false. */
export function findRecipe(version: string): { readonly recipe: LxcRecipe; readonly exact: boolean } {
  const series = version.split('.').slice(0, 2).join('.');
  const own = lxcRecipes.find((recipe) => compareVersions(recipe.series, series) === 0);
  if (own !== undefined) return { recipe: own, exact: true };
  const distance = (recipe: LxcRecipe): number =>
    Math.abs(seriesNumber(recipe.series) - seriesNumber(series));
  const [first, ...others] = lxcRecipes;
  if (first === undefined) throw new Error('the table of LXC recipes is empty');
  return { recipe: others.reduce((a, b) => (distance(b) < distance(a) ? b : a), first), exact: false };
}

/** Returns why a release cannot have a feature on an architecture; undefined when it can. */
export function refusalOf(version: string, feature: string, kernelArch: string): string | undefined {
  const refused = findRecipe(version).recipe.refuses?.[feature];
  return refused === undefined || (refused.kernelArch ?? kernelArch) !== kernelArch
    ? undefined
    : refused.reason;
}

/** Returns the features that LXC is built with: those of the profile, or the default ones that the release can have. */
export function featuresOf(
  version: string,
  given: readonly string[] | undefined,
  kernelArch: string,
): readonly string[] {
  return given ?? defaultFeatures.filter((feature) => refusalOf(version, feature, kernelArch) === undefined);
}

/** Returns the plan for building a release with some features of the profile, without refused features. */
export function planLxcBuild(version: string, features: readonly string[]): LxcBuildPlan {
  const { recipe, exact } = findRecipe(version);
  const { series, buildSystem } = recipe;
  const applies = (range: VersionRange): boolean => inVersionRange(version, range);
  const own = quirks.filter(
    ({ releases, feature }) =>
      releases.some(applies) && (feature === undefined || features.includes(feature)),
  );
  return {
    series,
    exact,
    buildSystem,
    options: [
      ...lxcOptions[buildSystem].filter(applies).map(({ option }) => option),
      ...compiledFeatures.map((feature) => featureSwitches[buildSystem](feature, features.includes(feature))),
    ],
    cflags: [...COMMON_CFLAGS[buildSystem], ...new Set(own.flatMap(({ cflags = [] }) => cflags))],
    ldflags: [...COMMON_LDFLAGS, ...new Set(own.flatMap(({ ldflags = [] }) => ldflags))],
    edits: own.flatMap(({ edits = [], reason }) => edits.map((edit) => ({ ...edit, reason }))),
    helpers: helpers.filter(applies).map(({ name }) => name),
  };
}

/** Returns a series as one number: 5.10 comes after 5.9, and both are nearer to each other than to any 6. */
function seriesNumber(series: string): number {
  const [major = 0, minor = 0] = series.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return major * 1000 + minor;
}
