import { configSettings, type Setting } from '../../toolkit/containers/config-settings.ts';
import { effectiveSettings } from '../../toolkit/containers/effective-settings.ts';
import { Findings } from '../../toolkit/containers/findings.ts';
import { readConfig } from '../../toolkit/containers/read-config.ts';

/** The settings of a configuration that count once it is read. */
export async function readSettingsOf(text: string): Promise<Setting[]> {
  const findings = new Findings();
  const lines = await readConfig({ id: 'c', shownFile: 'c', text }, () => Promise.resolve('no'), findings);
  return effectiveSettings(configSettings(lines, findings));
}
