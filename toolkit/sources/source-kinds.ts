import { joinWords } from '../base/join-words.ts';
import { debianPoolSource } from './debian-pool-source.ts';
import { debianSource } from './debian-source.ts';
import { pathSource } from './path-source.ts';
import type { Candidate, SourceKind } from './source-kind.ts';
import { urlSource } from './url-source.ts';

/** The kinds of sources, in the order in which messages list them. The one place to add one: a file and a row. */
export const sourceKinds = [urlSource, debianSource, debianPoolSource, pathSource] as const;

type KnownKind = (typeof sourceKinds)[number];

/** One place of a component's source, as in a board profile; paths are already absolute. */
export type SourceSpec = KnownKind extends infer Kind
  ? Kind extends SourceKind<infer Spec>
    ? Spec
    : never
  : never;

/** All forms of an entry, for messages: `{ version, url, sha256 }, … or { path }`. */
export const SOURCE_FORMS = joinWords(
  sourceKinds.map(({ form }) => form),
  'or',
);

/** Opens an entry that the schema of one of the kinds accepts. */
export function openSource(spec: SourceSpec): Candidate {
  const kind = sourceKinds.find(({ key }) => key in spec);
  if (kind === undefined) throw new Error(`${JSON.stringify(spec)} is none of ${SOURCE_FORMS}`);
  // The key decides which kind it is.
  return (kind as SourceKind<SourceSpec>).open(spec);
}
