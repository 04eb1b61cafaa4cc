import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fixturesDir = fileURLToPath(new URL('../fixtures', import.meta.url));

/** Path of something in test/fixtures. */
export function fixture(...parts: string[]): string {
  return join(fixturesDir, ...parts);
}
