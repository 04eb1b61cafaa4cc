import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareVersions } from '../../toolkit/base/compare-versions.ts';
import type { CgroupLayout } from '../../toolkit/cgroups/layouts.ts';
import { convertConfig } from '../../toolkit/lxc-adoption/convert-config.ts';
import { Findings } from '../../toolkit/lxc-keys/findings.ts';
import { layoutFit } from '../../toolkit/cgroups/version-conflicts.ts';
import { matrixReleases } from '../rigs/matrix-cells.ts';
import { readLines } from '../unit/containers/rig.ts';

const sources = process.env['LXC_KIT_LXC_SOURCES'];
const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-update-'));

/** Releases that ship configurations of the old era, and those that ship lxc-update-config. */
const OLD_RELEASES = ['1.1.5', '2.0.8'];
const RIVALS = matrixReleases
  .map(({ version }) => version)
  .filter((version) => compareVersions(version, '2.1.0') >= 0);

/** Shipped configurations that no release can use, and why. */
const SPOILT: Readonly<Record<string, string>> = {
  'gentoo.moresecure.conf': 'it drops a capability that does not exist',
};

if (sources === undefined) {
  process.stderr.write(
    'lxc-update-config was NOT COMPARED with `container convert`: LXC_KIT_LXC_SOURCES names no folder with lxc-VERSION.tar.gz\n',
  );
}

afterAll(() => {
  rmSync(dir, { recursive: true });
});

beforeAll(async () => {
  if (sources === undefined) return;
  for (const version of [...OLD_RELEASES, ...RIVALS]) {
    await execa('tar', ['-xzf', join(sources, `lxc-${version}.tar.gz`), '-C', dir]);
  }
});

interface Shipped {
  readonly name: string;
  readonly text: string;
}

/** The configurations that a release installs, with their places filled in. */
function shippedBy(version: string): Shipped[] {
  const templates = join(dir, `lxc-${version}`, 'config', 'templates');
  return readdirSync(templates)
    .filter((name) => name.endsWith('.conf.in') && SPOILT[name.replace(/\.in$/, '')] === undefined)
    .map((name) => ({
      name: name.replace(/\.in$/, ''),
      text: readFileSync(join(templates, name), 'utf8').replaceAll(/@\w+@/g, '/usr/share/lxc/config'),
    }));
}

/** A configuration as lxc-update-config of a release rewrites it. */
async function updatedBy(version: string, { text }: Shipped): Promise<string> {
  const tree = join(dir, `lxc-${version}`, 'src', 'lxc');
  const folder = readdirSync(join(tree, compareVersions(version, '3.0.0') < 0 ? 'tools' : 'cmd'));
  expect(folder).toContain('lxc-update-config.in');
  const script = join(tree, compareVersions(version, '3.0.0') < 0 ? 'tools' : 'cmd', 'lxc-update-config.in');
  const file = join(dir, 'updated.conf');
  writeFileSync(file, text);
  await execa('bash', [script, '-c', file], { cwd: dir });
  return readFileSync(file, 'utf8');
}

async function convertedFor(lxcVersion: string, { text }: Shipped): Promise<string> {
  const findings = new Findings();
  // Each file is converted by itself; what it includes is not there.
  const included = [...text.matchAll(/^\s*lxc\.include\s*=\s*(\S+)/gm)].map(([, path = '']) => [path, '']);
  const lines = await readLines(text, findings, Object.fromEntries(included) as Record<string, string>);
  return convertConfig(lines, { lxcVersion, cgroup: layoutOf(lxcVersion) }, findings);
}

/** lxc-update-config leaves settings of cgroup v1 as they are; so does lxc-kit where the release still knows v1. */
const layoutOf = (version: string): CgroupLayout => (layoutFit(version, 'v1').fits === 'yes' ? 'v1' : 'v2');

/**
 * The lines with their comments, but for what is different on purpose: blanks around "=", v1 where there is only v2, and
 * lxc.pivotdir, which lxc-update-config takes out although LXC 2.1.1 still reads it.
 */
function linesOf(text: string, version: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^(#?lxc\.\S+?)\s*=\s*/, '$1 = ').trimEnd())
    .filter((line) => !line.startsWith('lxc.pivotdir'))
    .filter((line) => layoutOf(version) === 'v1' || !/^#?lxc\.cgroup2?\./.test(line));
}

describe.runIf(sources !== undefined).each(RIVALS)('lxc-update-config of LXC %s', (rival) => {
  test.each(OLD_RELEASES)('and convert agree on every configuration of %s', async (old) => {
    const shipped = shippedBy(old);
    expect(shipped.length).toBeGreaterThan(20);
    for (const one of shipped) {
      const ours = linesOf(await convertedFor(rival, one), rival);
      expect(ours, one.name).toEqual(linesOf(await updatedBy(rival, one), rival));
    }
  });
});
