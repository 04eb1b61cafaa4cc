import { existsSync, readFileSync } from 'node:fs';
import { findProgram } from '../../toolkit/host/find-program.ts';

interface TestTool {
  readonly name: string;
  readonly package: string;
  readonly unit?: boolean;
}

/** Folders with programs that an ordinary user's PATH may lack; lxc-kit looks there too. */
const SYSTEM_FOLDERS = '/usr/local/sbin:/usr/sbin:/sbin';

/** Says once, before the first unit test, what the tests lack (vitest's globalSetup). */
export function setup(): void {
  const table = readFileSync(new URL('../host-tools.json', import.meta.url), 'utf8');
  const message = missingTools(
    JSON.parse(table) as TestTool[],
    `${process.env['PATH'] ?? ''}:${SYSTEM_FOLDERS}`,
  );
  if (message !== undefined) throw new Error(message);
}

/** The tools that the unit tests miss, with the command that installs them; undefined when none is missing. */
export function missingTools(tools: readonly TestTool[], path: string): string | undefined {
  const missing = tools
    .filter(({ unit }) => unit === true)
    .filter(({ name }) => (name.startsWith('/') ? !existsSync(name) : findProgram(name, path) === undefined));
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map((tool) => tool.package))].sort().join(' ');
  return `the unit tests need ${missing.map(({ name }) => name).join(', ')}: apt-get install ${packages}`;
}
