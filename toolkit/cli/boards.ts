import { listBoards } from '../board/find-board.ts';
import { shippedPath } from '../base/package-root.ts';
import { displayPath } from '../session/display-path.ts';
import { print } from './terminal.ts';

/** `lxc-kit boards`: a line each. */
export async function boards(options: { readonly json?: boolean }): Promise<void> {
  const found = await listBoards({ cwd: process.cwd(), shippedBoardsDir: shippedPath('boards') });
  if (options.json === true) {
    print(JSON.stringify(found, null, 2));
    return;
  }
  const width = Math.max(0, ...found.map(({ name }) => name.length));
  for (const { name, description, file } of found)
    print(`${name.padEnd(width)}  ${description === '' ? displayPath(file) : description}`);
}
