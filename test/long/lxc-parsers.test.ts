import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { layoutFit } from '../../toolkit/cgroups/version-conflicts.ts';
import { convertedConfigs, emittedConfigs, type EmittedConfig } from '../rigs/emitted-configs.ts';
import { buildHostLxc, type HostLxc } from '../rigs/host-lxc.ts';
import { LAYOUTS, matrixReleases } from '../rigs/matrix-cells.ts';

const sources = process.env['LXC_KIT_LXC_SOURCES'];
const RANDOM_CONTAINERS = 100;
const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-judge-'));

afterAll(() => {
  rmSync(dir, { recursive: true });
});

if (sources === undefined) {
  process.stderr.write(
    "LXC's own reading of configurations was NOT TESTED: LXC_KIT_LXC_SOURCES names no folder with lxc-VERSION.tar.gz\n",
  );
}

/** Messages of a release that have nothing to do with the configuration. */
const OTHER_WORDS: readonly RegExp[] = [
  /^State: +STOPPED$/gm,
  // 1.1 looks for the cgroups of a container that does not run, and names and frees what it has not found.
  /^.* WARN +lxc_cgfs - [^]*? unknown to .*$/gm,
  /^free\(\): .*$/gm,
];

/** Messages that come only once the configuration is read. 1.1 ends before it prints its line of the state. */
const WAS_READ = /^State: +STOPPED$| lxc_cgfs - .* Not attaching to cgroup /m;

/** Everything that a release says of a configuration when it reads it. */
async function judge(lxc: HostLxc, { text }: EmittedConfig): Promise<string[]> {
  const included = join(dir, 'included.conf');
  writeFileSync(included, '');
  mkdirSync(join(dir, 'judged'), { recursive: true });
  // Files of the device do not exist here.
  writeFileSync(join(dir, 'judged', 'config'), text.replaceAll(/^(lxc\.include *= *).*$/gm, `$1${included}`));
  const log = join(dir, 'log');
  rmSync(log, { force: true });
  const said = await lxc.run('lxc-info', ['-n', 'judged', '-P', dir, '-s', '-l', 'WARN', '-o', log]);
  const everything = `${said.text}\n${existsSync(log) ? readFileSync(log, 'latin1') : ''}`;
  const complaints = OTHER_WORDS.reduce((left, words) => left.replaceAll(words, ''), everything)
    .split('\n')
    .filter((line) => line !== '');
  return WAS_READ.test(everything) ? complaints : [...complaints, 'the container was not read'];
}

describe.runIf(sources !== undefined).each(matrixReleases.map(({ version }) => [version]))(
  'LXC %s',
  (version) => {
    test('reads every configuration without a word', async () => {
      const lxc = await buildHostLxc(version, join(sources ?? '', `lxc-${version}.tar.gz`));
      const layouts = LAYOUTS.filter((layout) => layoutFit(version, layout).fits === 'yes');
      const configs = [
        ...(
          await Promise.all(layouts.map((layout) => emittedConfigs(version, layout, RANDOM_CONTAINERS)))
        ).flat(),
        ...(await convertedConfigs(version)),
      ];
      expect(configs.length).toBeGreaterThan(RANDOM_CONTAINERS + 50);
      for (const config of configs) {
        expect(await judge(lxc, config), `${config.from}:\n${config.text}`).toEqual([]);
      }
    });

    test('and says so where there is a mistake', async () => {
      const lxc = await buildHostLxc(version, join(sources ?? '', `lxc-${version}.tar.gz`));
      const complaints = await judge(lxc, { from: '', text: 'lxc.nonsense = 1\n' });
      expect(complaints.join('\n')).toMatch(/nonsense/);
    });
  },
);
