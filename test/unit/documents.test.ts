import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot, shippedPath } from '../../toolkit/base/package-root.ts';

const docs = readdirSync(shippedPath('docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

/** Pages that are in the npm package. */
const packed = ['README.md', ...docs];

/** Pages of the repository only. */
const repositoryOnly = [
  'CHANGELOG.md',
  'SECURITY.md',
  '.github/CONTRIBUTING.md',
  '.github/PULL_REQUEST_TEMPLATE.md',
];

interface Link {
  readonly line: number;
  readonly target: string;
}

function read(page: string): string {
  return readFileSync(shippedPath(page), 'utf8');
}

/** The lines of a page without its code: fences are empty lines, and code in a line is gone. */
function proseLines(text: string): string[] {
  let isFenced = false;
  return text.split('\n').map((line) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) isFenced = !isFenced;
    return isFence || isFenced ? '' : line;
  });
}

/** Links that lead into the repository; addresses of the web are left out. */
function linksOf(text: string): Link[] {
  return proseLines(text).flatMap((line, index) =>
    Array.from(line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => ({
      line: index + 1,
      target,
    })).filter(({ target }) => !/^[a-z]+:/.test(target)),
  );
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of proseLines(text)) {
    const [, heading] = /^#{1,6} (.*)$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let name = anchor;
    for (let count = 1; anchors.has(name); count++) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

/** Where a link leads: a path in the repository, and the anchor in it. */
function resolveLink(page: string, target: string): { readonly path: string; readonly anchor: string } {
  const [file = '', anchor = ''] = target.split('#');
  return { path: file === '' ? page : join(dirname(page), file), anchor };
}

/** The fault of a link; undefined when it leads somewhere. */
function faultOf(page: string, target: string): string | undefined {
  const { path, anchor } = resolveLink(page, target);
  if (relative(packageRoot, shippedPath(path)).startsWith('..')) return 'leads out of the repository';
  if (!existsSync(shippedPath(path))) return `there is no ${path}`;
  if (anchor !== '' && !anchorsOf(read(path)).has(anchor)) return `${path} has no heading for #${anchor}`;
  return undefined;
}

function faultsOf(page: string, check: (target: string) => string | undefined): string[] {
  return linksOf(read(page)).flatMap(({ line, target }) => {
    const fault = check(target);
    return fault === undefined ? [] : [`${page}:${line} ${target}: ${fault}`];
  });
}

test.each([...packed, ...repositoryOnly])('every link of %s leads to a file and a heading', (page) => {
  expect(faultsOf(page, (target) => faultOf(page, target))).toEqual([]);
});

test('README and docs link only to files that are in the npm package', () => {
  const { files } = JSON.parse(read('package.json')) as { files: string[] };
  const isPacked = (path: string): boolean => files.some((one) => path === one || path.startsWith(`${one}/`));
  const faults = packed.flatMap((page) =>
    faultsOf(page, (target) =>
      isPacked(resolveLink(page, target).path) ? undefined : 'is not in `files` of package.json',
    ),
  );
  expect(faults).toEqual([]);
});

test('README leads to every page of docs', () => {
  const linked = linksOf(read('README.md')).map(({ target }) => resolveLink('README.md', target).path);
  expect(docs.filter((page) => !linked.includes(page))).toEqual([]);
});

test('README has at most 220 lines', () => {
  expect(read('README.md').split('\n').length - 1).toBeLessThanOrEqual(220);
});

describe('the check of links', () => {
  test('sees links, but not those in code or to the web', () => {
    const page = '[a](b.md) `[c](d.md)` [e](https://f)\n```\n[g](h.md)\n```\n![i](j.png) [k](#l)\n';
    expect(linksOf(page)).toEqual([
      { line: 1, target: 'b.md' },
      { line: 5, target: 'j.png' },
      { line: 5, target: '#l' },
    ]);
  });

  test('makes the anchors that GitHub makes', () => {
    const page =
      '# One, two\n## `a.b[]`\n```sh\n# no heading\n```\n## Why: `kconfig explain`\n## Keys\n### Keys\n';
    expect([...anchorsOf(page)]).toEqual(['one-two', 'ab', 'why-kconfig-explain', 'keys', 'keys-1']);
  });

  test('says what is wrong', () => {
    expect(faultOf('docs/ci.md', '../README.md#limits')).toBeUndefined();
    expect(faultOf('docs/ci.md', 'nothing.md')).toBe('there is no docs/nothing.md');
    expect(faultOf('docs/ci.md', '#nothing')).toBe('docs/ci.md has no heading for #nothing');
    expect(faultOf('docs/ci.md', '../../x')).toBe('leads out of the repository');
  });
});

test('every file that CONTRIBUTING sends a reader to is there', () => {
  const paths = read('.github/CONTRIBUTING.md').matchAll(
    /`((?:toolkit|rootfs-skeleton|kconfig-fragments|test)\/[\w./-]+)`/g,
  );
  const named = [...paths].map(([, path = '']) => path).filter((path) => !/NAME|ROOM/.test(path));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(shippedPath(path)))).toEqual([]);
});
