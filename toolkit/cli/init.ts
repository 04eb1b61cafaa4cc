import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { KitError } from '../base/errors.ts';
import { packageVersion, shippedPath } from '../base/package-root.ts';
import { renderTemplate } from '../base/render-template.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { displayPath } from '../session/display-path.ts';
import { print, printStatus } from './terminal.ts';

export type Pipeline = keyof typeof PIPELINES;

export interface InitOptions {
  readonly ci?: Pipeline;
}

interface ProjectFile {
  /** The template in boards/init/. */
  readonly template: string;
  readonly path: (board: string) => string;
  /** A file that is there already stays, as a project usually has one. */
  readonly kept?: true;
}

const FILES: readonly ProjectFile[] = [
  { template: 'board.yaml.hbs', path: (board) => `boards/${board}.yaml` },
  { template: 'hello.yaml.hbs', path: () => 'boards/containers/hello.yaml' },
  { template: 'package.json.hbs', path: () => 'package.json', kept: true },
  { template: 'gitignore.hbs', path: () => '.gitignore', kept: true },
  { template: 'README.md.hbs', path: () => 'README.md', kept: true },
];

/** The files of pipelines, by the value of `--ci`. */
const PIPELINES = {
  github: { template: 'github.yml.hbs', path: () => '.github/workflows/image.yml' },
  gitlab: { template: 'gitlab-ci.yml.hbs', path: () => '.gitlab-ci.yml' },
} as const satisfies Record<string, ProjectFile>;

/** `lxc-kit init`: a project with a board and a container. Throws USAGE, before writing anything, if one of these exists. */
export async function init(dir: string, { ci }: InitOptions): Promise<void> {
  const root = resolve(dir);
  const project = plainName(basename(root).toLowerCase()) ?? 'my-firmware';
  const board = project;
  const files = [...FILES, ...(ci === undefined ? [] : [PIPELINES[ci]])].map((file: ProjectFile) => ({
    ...file,
    file: join(root, file.path(board)),
  }));
  const there = files.filter(({ file }) => existsSync(file));
  const inTheWay = there.filter(({ kept }) => kept !== true);
  if (inTheWay.length > 0) {
    throw new KitError('USAGE', `${displayPath(root)} has a project already: nothing was written`, {
      lines: inTheWay.map(({ file }) => `${displayPath(file)} exists`),
      hint: 'give another directory: npx lxc-kit init DIR',
    });
  }
  const values = { project, board, version: packageVersion(), schema: schemaAddress() };
  for (const one of files.filter((each) => !there.includes(each))) {
    const text = await readFile(shippedPath('boards', 'init', one.template), 'utf8');
    await writeAtomic(one.file, await renderTemplate(text, values, one.template));
    print(displayPath(one.file));
  }
  for (const { file } of there) printStatus(`kept: ${displayPath(file)}`);
  const change = root === process.cwd() ? '' : `cd ${displayPath(root)} && `;
  printStatus(`next: ${change}npx lxc-kit build --board ${board} --install-host-tools`);
}

/** The editors' schema, as a profile in boards/ names it. */
function schemaAddress(): string {
  return '../node_modules/lxc-kit/boards/board.schema.json';
}

/** Returns a name that boards and npm packages may have; undefined when nothing is left of it. */
function plainName(text: string): string | undefined {
  const name = text
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 64);
  return name === '' ? undefined : name;
}
