import { checkValue } from '../yaml/check-value.ts';
import { containerSchema, inSchemaOrder } from '../board/container-schema.ts';
import type { CgroupLayout } from '../cgroups/layouts.ts';
import { Findings } from '../lxc-keys/findings.ts';
import { importConfig } from '../lxc-adoption/import-config.ts';
import { usualLayout } from '../lxc-adoption/import-raw.ts';
import { catalog } from '../sources/catalog.ts';
import { openSource } from '../sources/source-kinds.ts';
import { checkVersion } from './container-convert.ts';
import { definitionYaml } from '../lxc-adoption/definition-yaml.ts';
import { readLxcConfig } from './read-lxc-config.ts';
import { printWithFindings } from './print-findings.ts';

export interface ImportOptions {
  readonly root?: string;
  readonly json?: boolean;
  readonly to?: string;
  readonly cgroup?: CgroupLayout;
}

/** `lxc-kit container import`: an LXC configuration of any era as a container definition. */
export async function importContainer(file: string, options: ImportOptions): Promise<void> {
  const lxcVersion = options.to === undefined ? catalogVersion() : checkVersion(options.to);
  const findings = new Findings();
  await printWithFindings(findings, options.json === true, 'definition', async () => {
    const lines = await readLxcConfig(file, options.root, findings);
    const target = { lxcVersion, cgroup: options.cgroup ?? usualLayout(lxcVersion) };
    const definition = inSchemaOrder(importConfig(lines, file, target, problemsOf, findings));
    return { value: definition, text: definitionYaml(definition) };
  });
}

/** The release that a board gets when its profile names none. */
function catalogVersion(): string {
  const stated = catalog.lxc.candidates.flatMap((spec) => openSource(spec).statedVersion ?? []);
  if (stated[0] === undefined) throw new Error('the catalog has no release of LXC');
  return stated[0];
}

function problemsOf(
  definition: Readonly<Record<string, unknown>>,
): ReturnType<Parameters<typeof importConfig>[3]> {
  const checked = checkValue({
    schema: containerSchema,
    value: definition,
    noun: 'the container',
    writtenAt: () => undefined,
  });
  return checked.ok ? [] : checked.problems;
}
