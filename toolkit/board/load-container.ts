import { dirname } from 'node:path';
import { type Diagnostic, DiagnosticsError } from '../base/diagnostic.ts';
import { checkValue, placeProblem, writtenIn } from '../yaml/check-value.ts';
import { type ContainerDefinition, containerSchema } from './container-schema.ts';
import { locateIssue } from '../yaml/locate-issue.ts';
import { readYaml, type YamlFile } from '../yaml/read-yaml.ts';
import { applyPaths, CONTAINER_PATHS, resolveHostPaths } from './resolve-host-paths.ts';

/** A container definition in its own file. */
export interface ContainerFile {
  /** Undefined when the file is not YAML. */
  readonly yaml: YamlFile | undefined;
  /** Undefined when anything is wrong with it. */
  readonly definition: ContainerDefinition | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and checks a container definition. Returns the problems, so that they are reported with those of other files. */
export async function loadContainer(file: string, shownFile: string): Promise<ContainerFile> {
  let yaml: YamlFile;
  try {
    yaml = await readYaml(file, shownFile, 'container definition');
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    return { yaml: undefined, definition: undefined, diagnostics: error.diagnostics };
  }
  const checked = checkValue({
    schema: containerSchema,
    value: yaml.value,
    noun: 'the container',
    writtenAt: writtenIn(yaml),
  });
  const paths = await resolveHostPaths(yaml.value, CONTAINER_PATHS, () => dirname(file));
  const problems = [...(checked.ok ? [] : checked.problems), ...paths.problems];
  if (checked.ok) applyPaths(checked.value, paths);
  return {
    yaml,
    definition: checked.ok && problems.length === 0 ? checked.value : undefined,
    diagnostics: problems.map((problem) =>
      placeProblem(problem, locateIssue(yaml, problem.path, problem.at)),
    ),
  };
}
