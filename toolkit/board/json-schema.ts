import { z } from 'zod';
import { boardSchema } from './schema.ts';

/**
 * The JSON schema of a board profile, for editors.
 *
 * A profile that extends others, or is extended, need not be whole: in the maps that are merged
 * nothing is required but the format's version. Entries of lists are replaced whole and stay strict.
 */
export function boardJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(boardSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema, path }) => {
      if (jsonSchema.required === undefined || !isMerged(path)) return;
      if (path.length === 0) jsonSchema.required = ['schema'];
      else delete jsonSchema.required;
    },
  });
}

function isMerged(path: readonly (string | number)[]): boolean {
  return (
    path.every((step, index) => (index % 2 === 0 ? step === 'properties' : true)) && path[0] !== 'definitions'
  );
}
