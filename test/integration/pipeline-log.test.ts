import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('broken', { kernel: { config: { CONFIG_FAKE_FAIL: 'y' } } });
  // Said before the compiler fails.
  const hostile =
    'echo "::error file=other.c::not of lxc-kit"; echo "  ::endgroup::"; echo "##[add-mask]a"\n';
  await project.changeSource('kernel', (dir) => {
    appendFileSync(join(dir, 'scripts', 'link-vmlinux.sh'), hostile);
  });
});

/** The lines of stderr of a build whose steps are all made here. */
async function build(board: string, service: string): Promise<string[]> {
  const env = { [service]: 'true', CI: 'true', TERM: 'xterm', LXC_KIT_STORE_LIMIT: '0' };
  const { stderr } = await project.run(['build', '--board', board, '--out', `out/${service}-${board}`], {
    env,
  });
  return stderr.trimEnd().split('\n');
}

/** The titles of groups, and what is in each; fails where one begins within another. */
function groupsOf(lines: readonly string[], start: RegExp, end: RegExp): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  let open: string[] | undefined;
  for (const line of lines) {
    const [, title] = start.exec(line) ?? [];
    if (title !== undefined) {
      expect(open).toBeUndefined();
      groups.set(title.replace(/ in \d.*/, ''), (open = []));
    } else if (end.test(line)) {
      expect(open).toBeDefined();
      open = undefined;
    } else open?.push(line);
  }
  expect(open).toBeUndefined();
  return groups;
}

test('GitHub: a folded group for each step with output, whole, and no command but those of lxc-kit', async () => {
  const lines = await build('fake', 'GITHUB_ACTIONS');
  const groups = groupsOf(lines, /^::group::(.*)$/, /^::endgroup::$/);
  const kernel = groups.get('< build-kernel: built') ?? [];
  expect(kernel).toEqual(
    expect.arrayContaining([
      '  LD      vmlinux',
      ': :error file=other.c::not of lxc-kit',
      '  : :endgroup::',
      '## [add-mask]a',
    ]),
  );
  expect(groups.has('< build-lxc: built')).toBe(true);
  for (const content of groups.values()) expect(content.filter((line) => /^[<>] /.test(line))).toEqual([]);
  const commands = lines.filter((line) => /^\s*::|##\[/.test(line));
  expect(commands.filter((line) => !/^::(?:group::< .*|endgroup::)$/.test(line))).toEqual([]);
});

test('GitHub: what failed is outside of the groups, and annotated', async () => {
  const lines = await build('broken', 'GITHUB_ACTIONS');
  const at = lines.findIndex((line) => line.startsWith('< build-kernel: failed after '));
  expect(lines[at + 1]).toMatch(
    /^::error title=build-kernel,file=drivers\/fake\/fake\.c,line=42,col=9::implicit declaration of function /,
  );
  const groups = groupsOf(lines, /^::group::(.*)$/, /^::endgroup::$/);
  expect(groups.get('the end of the log of build-kernel')).toContain(
    'cc1: some warnings being treated as errors',
  );
  const error = lines.findIndex((line) => line.startsWith('error: build-kernel stopped: make ended'));
  expect(error).toBeGreaterThan(lines.lastIndexOf('::endgroup::'));
  expect(lines.slice(error)).toContain('  cc1: some warnings being treated as errors');
});

test('GitLab: a folded section for each step with output, and an open one for what failed', async () => {
  const start = /^\x1b\[0Ksection_start:\d+:lxc_kit_\d+_\S+?(?:\[collapsed=true\])?\r\x1b\[0K(.*)$/;
  const end = /^\x1b\[0Ksection_end:\d+:\S+\r\x1b\[0K$/;
  const groups = groupsOf(await build('fake', 'GITLAB_CI'), start, end);
  expect(groups.get('< build-kernel: built')).toContain('  LD      vmlinux');
  const broken = await build('broken', 'GITLAB_CI');
  expect(groupsOf(broken, start, end).size).toBeGreaterThan(0);
  expect(broken.find((line) => line.includes('< build-kernel: failed'))).not.toContain('collapsed');
  expect(broken.find((line) => line.includes('< configure-kernel: built'))).toContain('collapsed=true');
});
