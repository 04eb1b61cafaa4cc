import { KitError } from '../base/errors.ts';
import type { CgroupLayout } from '../cgroups/layouts.ts';
import { compareVersions } from '../base/compare-versions.ts';
import { convertConfig } from '../lxc-adoption/convert-config.ts';
import { Findings } from '../lxc-keys/findings.ts';
import { readLxcConfig } from './read-lxc-config.ts';
import { printWithFindings } from './print-findings.ts';

export interface ConvertOptions {
  readonly to: string;
  readonly cgroup?: CgroupLayout;
  readonly root?: string;
  readonly json?: boolean;
}

/** The oldest release whose keys are known, and the last series. */
const KNOWN = { first: '1.0.0', last: '7.0' } as const;

/** `lxc-kit container convert`: an LXC configuration of any era for one LXC version. */
export async function convertContainer(file: string, options: ConvertOptions): Promise<void> {
  const lxcVersion = checkVersion(options.to);
  const findings = new Findings();
  await printWithFindings(findings, options.json === true, 'config', async () => {
    const lines = await readLxcConfig(file, options.root, findings);
    if (isLater(lxcVersion))
      findings.note(
        'assumed',
        undefined,
        `LXC ${lxcVersion} is newer than lxc-kit knows: it gets the keys of ${KNOWN.last}`,
      );
    const text = convertConfig(lines, { lxcVersion, cgroup: options.cgroup }, findings);
    return { value: text, text };
  });
}

/** The release that `--to` names. Throws USAGE when lxc-kit does not know it. */
export function checkVersion(text: string): string {
  const version = text.replace(/^(?:lxc-|v)/, '');
  const hint = 'for example --to 5.0.3';
  if (!/^\d+\.\d+(?:\.\d+)?$/.test(version))
    throw new KitError('USAGE', `--to ${text} is not a version of LXC`, { hint });
  if (compareVersions(version, KNOWN.first) < 0)
    throw new KitError('USAGE', `--to ${text}: ${KNOWN.first} is the oldest LXC that lxc-kit knows`, {
      hint,
    });
  return version;
}

function isLater(version: string): boolean {
  return compareVersions(version.split('.').slice(0, 2).join('.'), KNOWN.last) > 0;
}
