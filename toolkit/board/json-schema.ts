import { z } from 'zod';
import { boardSchema } from './schema.ts';

/**
 * Returns the JSON schema of a board profile, for editors.
 *
 * A profile that extends another one, or is extended, may be incomplete: merged mappings require only the version of
 * the format. List entries are replaced whole and stay strict.
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
