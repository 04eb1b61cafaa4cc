import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { errorMessage } from '../base/errors.ts';
import { MAX_TEXT_BYTES, readUserFile, RefusedFile } from '../host/read-user-file.ts';
import { refuseFeatureDescription } from './feature-description.ts';
import { parseConfig } from './parse-config.ts';
import type { Layer } from './merge-fragments.ts';

/** A fragment file, and its name for messages. */
export interface FragmentFile {
  readonly file: string;
  readonly shownAs: string;
  /** Its lines are wishes: a tree that does not have a symbol goes without it. */
  readonly optional?: true;
}

/** The folder of the fragments with a bare name, and its name in messages. */
export interface FragmentFolder {
  readonly dir: string;
  readonly shownAs: string;
}

/** Returns the file for a fragment's name (`lxc`) or path. */
export function locateFragment(
  nameOrFile: string,
  folder: FragmentFolder,
  display: (file: string) => string,
): FragmentFile {
  if (nameOrFile.includes('/') || nameOrFile.endsWith('.config'))
    return { file: nameOrFile, shownAs: display(nameOrFile) };
  return { file: `${folder.dir}/${nameOrFile}.config`, shownAs: `${folder.shownAs}/${nameOrFile}.config` };
}

/** Returns the fragment names in a folder. */
export function fragmentNames(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith('.config'))
    .map((file) => file.slice(0, -'.config'.length))
    .sort();
}

/** With more problems than this, the file is not a fragment, or all its lines have the same problem. */
const MAX_PROBLEMS = 20;

/** Reads fragments in order. Returns the problems and warnings of all of them together. */
export function readFragments(fragments: readonly FragmentFile[]): {
  readonly layers: Layer[];
  readonly problems: Diagnostic[];
  readonly warnings: Diagnostic[];
} {
  const layers: Layer[] = [];
  const problems: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const { file, shownAs, optional } of fragments) {
    try {
      const text = readUserFile(file, MAX_TEXT_BYTES.config).toString('utf8');
      const description = refuseFeatureDescription(text, shownAs);
      if (description !== undefined) {
        problems.push(description);
        continue;
      }
      const parsed = parseConfig(text, shownAs);
      layers.push({
        lines: optional === undefined ? parsed.lines : parsed.lines.map((line) => ({ ...line, optional })),
      });
      problems.push(...shortened(parsed.problems, shownAs));
      warnings.push(...parsed.warnings);
    } catch (error) {
      problems.push(describeUnreadable(file, shownAs, error));
    }
  }
  return { layers, problems, warnings };
}

/** Limits problems to a screenful, and adds how many more there are. */
export function shortened(problems: readonly Diagnostic[], shownAs: string): readonly Diagnostic[] {
  const more = problems.length - MAX_PROBLEMS;
  if (more <= 1) return problems;
  return [...problems.slice(0, MAX_PROBLEMS), { message: `${shownAs} has ${more} more such lines` }];
}

function describeUnreadable(file: string, shownAs: string, error: unknown): Diagnostic {
  if (error instanceof RefusedFile) return { message: `the fragment ${shownAs} ${error.message}` };
  if (existsSync(file)) return { message: `the fragment ${shownAs} cannot be read: ${errorMessage(error)}` };
  const meant = didYouMean(basename(file, '.config'), fragmentNames(dirname(file)));
  return {
    message: `the fragment ${shownAs} does not exist`,
    ...(meant === undefined ? {} : { help: `did you mean "${meant}"?` }),
  };
}
