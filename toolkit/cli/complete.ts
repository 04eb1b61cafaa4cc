import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { shippedPath } from '../base/package-root.ts';
import { listBoards } from '../board/find-board.ts';
import { inOut } from '../host/own-folders.ts';
import { openBuild } from '../session/open-build.ts';
import { createSteps } from '../steps/index.ts';
import { print } from './terminal.ts';

/** The lists that the completion scripts ask for. */
const WORDS = { boards, steps, symbols } as const satisfies Record<
  string,
  (board?: string) => Promise<string[]>
>;

export type CompletedWords = keyof typeof WORDS;

/** `lxc-kit complete`, for the scripts of `lxc-kit completion`: words, a line each. Prints nothing when there are none. */
export async function complete(what: CompletedWords, { board }: { readonly board?: string }): Promise<void> {
  // A message would end up among the words.
  const words = await WORDS[what](board).catch(() => []);
  if (words.length > 0) print(words.join('\n'));
}

async function boards(): Promise<string[]> {
  const found = await listBoards({ cwd: process.cwd(), shippedBoardsDir: shippedPath('boards') });
  return found.map(({ name }) => name);
}

async function steps(board?: string): Promise<string[]> {
  if (board === undefined) return [];
  return createSteps(await openBuild({ board })).all.map(({ id }) => id);
}

/** The symbols of the last build. */
async function symbols(board?: string): Promise<string[]> {
  if (board === undefined) return [];
  const { outDir } = await openBuild({ board });
  const file = inOut(outDir, 'config', 'kernel.config');
  if (!existsSync(file)) return [];
  const found = (await readFile(file, 'utf8')).matchAll(/^(?:# )?(CONFIG_\w+)(?==| is not set)/gm);
  return [...found].map(([, symbol = '']) => symbol);
}
