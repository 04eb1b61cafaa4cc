import { readSettings, type Setting } from '../../toolkit/lxc-config/read-settings.ts';
import { effectiveSettings } from '../../toolkit/lxc-config/effective-settings.ts';
import { Findings } from '../../toolkit/lxc-keys/findings.ts';
import { readConfig } from '../../toolkit/lxc-keys/read-config.ts';

/** The settings of a configuration that count once it is read. */
export async function readSettingsOf(text: string): Promise<Setting[]> {
  const findings = new Findings();
  const lines = await readConfig({ id: 'c', shownFile: 'c', text }, () => Promise.resolve('no'), findings);
  return effectiveSettings(readSettings(lines, findings));
}
