import { boardJsonSchema } from '../board/json-schema.ts';
import { print } from './terminal.ts';

/** `lxc-kit schema`: the JSON schema of board profiles, for editors. */
export function schema(): void {
  print(JSON.stringify(boardJsonSchema(), null, 2));
}
