import { checkValue } from '../board/check-value.ts';
import { containerSchema } from '../board/container-schema.ts';
import { Findings } from '../containers/findings.ts';
import { importConfig } from '../containers/import-config.ts';
import { definitionYaml } from '../containers/definition-yaml.ts';
import { readLxcConfig } from './read-lxc-config.ts';
import { printWithFindings } from './tell-findings.ts';

export interface ImportOptions {
  readonly root?: string;
  readonly json?: boolean;
}

/** `lxc-kit container import`: an LXC configuration of any era as a container definition. */
export async function importContainer(file: string, options: ImportOptions): Promise<void> {
  const findings = new Findings();
  await printWithFindings(findings, options.json === true, 'definition', async () => {
    const lines = await readLxcConfig(file, options.root, findings);
    const definition = importConfig(lines, file, problemsOf, findings);
    return { value: definition, text: definitionYaml(definition) };
  });
}

function problemsOf(
  definition: Readonly<Record<string, unknown>>,
): ReturnType<Parameters<typeof importConfig>[2]> {
  const checked = checkValue({
    schema: containerSchema,
    value: definition,
    noun: 'the container',
    writtenAt: () => undefined,
  });
  return checked.ok ? [] : checked.problems;
}
