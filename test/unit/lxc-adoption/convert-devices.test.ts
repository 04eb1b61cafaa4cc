import { describe, expect, it } from 'vitest';
import type { CgroupLayout } from '../../../toolkit/cgroups/layouts.ts';
import { convertConfig } from '../../../toolkit/lxc-adoption/convert-config.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import { imported, notesOf, problemsOf, readLines } from '../containers/rig.ts';

const HEAD = 'lxc.rootfs.path = /srv/web\n';

/** The device lines of a converted configuration, without `lxc.cgroup.devices.` or `lxc.cgroup2.devices.`; and the notes. */
async function converted(
  rules: string,
  lxcVersion: string,
  {
    cgroup,
    files = {},
    head = HEAD,
  }: { cgroup?: CgroupLayout; files?: Record<string, string>; head?: string } = {},
): Promise<{ rules: string[]; notes: string[] }> {
  const findings = new Findings();
  const lines = await readLines(head + rules, findings, files);
  const text = convertConfig(lines, { lxcVersion, cgroup }, findings);
  const family = /lxc\.cgroup2?\.devices\./g;
  expect(new Set(text.match(family)).size).toBeLessThan(2);
  return {
    rules: text.split('\n').flatMap((line) => (line.includes('.devices.') ? [line.replace(family, '')] : [])),
    notes: notesOf(findings),
  };
}

const v1 = (...rules: string[]): string => rules.map((rule) => `lxc.cgroup.devices.${rule}\n`).join('');
const v2 = (...rules: string[]): string => rules.map((rule) => `lxc.cgroup2.devices.${rule}\n`).join('');

describe('device rules for cgroup v2', () => {
  it('fold a deny into the allow before it', async () => {
    const { rules, notes } = await converted(v1('deny = a', 'allow = c 1:7 rw', 'deny = c 1:7 w'), '5.0.2');
    expect(rules).toEqual(['deny = a', 'allow = c 1:7 r']);
    expect(notes).toContain('4:1 changed: joined with the rules before it: devices.allow = c 1:7 r');
  });

  it('begin with allow = a where v1 starts from it', async () => {
    const { rules, notes } = await converted(v1('deny = c 1:7 rwm', 'deny = b *:* rwm'), '6.0.6');
    expect(rules).toEqual(['allow = a', 'deny = c 1:7 rwm', 'deny = b *:* rwm']);
    expect(notes.join('\n')).toContain('2:1 changed: devices.allow = a is written before it');
  });

  it('leave out what changes nothing on v1, and would close everything else on v2', async () => {
    const { rules, notes } = await converted(v1('allow = c 10:200 rwm'), '5.0.2');
    expect(rules).toEqual([]);
    expect(notes.join('\n')).toContain(
      '2:1 left-out: without effect on cgroup v1: every device is open there without it',
    );
  });

  it('leave out a deny that v1 never carried out, and say that the device stays open', async () => {
    const { rules, notes } = await converted(
      v1('deny = a', 'allow = c *:* rwm', 'deny = c 1:7 rwm'),
      '5.0.2',
    );
    expect(rules).toEqual(['deny = a', 'allow = c *:* rwm']);
    expect(notes.join('\n')).toMatch(
      /4:1 left-out: cgroup v1 never denied that: .* so the device stays open/,
    );
  });

  it('are refused where v2 would let an open for reading and writing pass', async () => {
    const [problem, ...more] = await problemsOf(() => converted(v1('allow = a', 'deny = c 1:9 w'), '5.0.2'));
    expect(more).toEqual([]);
    expect(problem).toContain('c.conf:3:1 cgroup v2 cannot deny c 1:9 w and allow the rest');
    expect(problem).toContain(
      'help: write devices.deny = c 1:9 rw, or devices.deny = a and then the allowed devices',
    );
    expect(
      await problemsOf(() => converted(v1('allow = a', 'deny = c 1:9 w'), '5.0.2', { cgroup: 'v1' })),
    ).toEqual([]);
  });

  it('close everything with a second rule, because LXC loads no program for an empty list', async () => {
    expect((await converted(v1('deny = a'), '5.0.2')).rules).toEqual(['deny = a', 'deny = a *:* rwm']);
  });

  it('keep their places and comments, and what a later a does away with goes', async () => {
    const text = `${v1('deny = a', 'allow = c 1:3 rwm', 'allow = a')}# no zero\n${v1('deny = c 1:5 rwm')}lxc.tty.max = 1\n`;
    const { rules, notes } = await converted(text, '7.0.0');
    expect(rules).toEqual(['allow = a', 'deny = c 1:5 rwm']);
    expect(notes.filter((note) => note.includes('cancels'))).toHaveLength(2);
  });

  it('add to the rules of an included file, and start again where they take from them', async () => {
    const files = { '/common.conf': v1('deny = a', 'allow = c 1:3 rwm', 'allow = c 1:5 rwm') };
    const head = `${HEAD}lxc.include = /common.conf\n`;
    expect((await converted(v1('allow = c 10:200 rwm'), '5.0.2', { files, head })).rules).toEqual([
      'allow = c 10:200 rwm',
    ]);
    expect((await converted(v1('deny = c 1:5 w'), '5.0.2', { files, head })).rules).toEqual([
      'deny = a',
      'allow = c 1:3 rwm',
      'allow = c 1:5 rm',
    ]);
    const open = { '/common.conf': 'lxc.tty.max = 1\n' };
    expect((await converted(v1('deny = c 1:5 rwm'), '5.0.2', { files: open, head })).rules).toEqual([
      'allow = a',
      'deny = c 1:5 rwm',
    ]);
  });

  it('stay as they are where the rules before them are not known', async () => {
    const head = `${HEAD}lxc.include = /not-here.conf\n`;
    const { rules, notes } = await converted(v1('allow = c 10:200 rwm', 'deny = c 1:5 w'), '5.0.2', { head });
    expect(rules).toEqual(['allow = c 10:200 rwm', 'deny = c 1:5 w']);
    expect(notes.join('\n')).toContain('assumed: kept unchanged: the rules before it are not known');
    // A part that others include: of which no one knows what comes before.
    expect((await converted(v1('allow = c 10:229 rwm'), '5.0.2', { head: '' })).rules).toEqual([
      'allow = c 10:229 rwm',
    ]);
  });

  it('need nothing from before where they begin with deny = a', async () => {
    const head = `${HEAD}lxc.include = /not-here.conf\n`;
    const rules = v1('deny = a', 'allow = c 1:7 rw', 'deny = c 1:7 w');
    expect((await converted(rules, '5.0.2', { head })).rules).toEqual(['deny = a', 'allow = c 1:7 r']);
  });
});

describe('device rules for cgroup v1', () => {
  it('may deny more than on v2, and that is said', async () => {
    const { rules, notes } = await converted(v2('allow = a', 'deny = c 1:9 w'), '3.0.3');
    expect(rules).toEqual(['allow = a', 'deny = c 1:9 w']);
    expect(notes).toContain(
      '3:1 changed: c 1:9 w: cgroup v1 also denies an open for both reading and writing, which v2 allows',
    );
  });

  it('begin with deny = a where LXC starts from it on v2', async () => {
    expect((await converted(v2('allow = c 1:3 rwm', 'allow = a 1:5 r'), '3.0.3')).rules).toEqual([
      'deny = a',
      'allow = c 1:3 rwm',
      'allow = c 1:5 r',
      'allow = b 1:5 r',
    ]);
    expect((await converted(v2('deny = a', 'allow = c 1:3 rwm'), '1.1.5')).rules).toEqual([
      'deny = a',
      'allow = c 1:3 rwm',
    ]);
  });

  it('leave out a deny that LXC skips on v2', async () => {
    const { rules, notes } = await converted(v2('deny = a', 'allow = c 1:7 rw', 'deny = c 1:7 w'), '3.2.1');
    expect(rules).toEqual(['deny = a', 'allow = c 1:7 rw']);
    expect(notes.join('\n')).toContain(
      'cgroup v2 never denied that: a deny revokes only an allow with the same text',
    );
  });
});

describe('a device by its path', () => {
  it('is for LXC 2.1 and later', async () => {
    const rules = v1('deny = a', 'allow = /dev/fb0 rw');
    expect((await converted(rules, '5.0.2')).rules).toEqual(['deny = a', 'allow = /dev/fb0 rw']);
    expect((await converted(rules, '2.1.1')).rules).toEqual(['deny = a', 'allow = /dev/fb0 rw']);
    expect((await problemsOf(() => converted(rules, '2.0.8')))[0]).toContain(
      'LXC 2.0.8 accepts no path in a device rule; 2.1.0 and later do',
    );
    const { definition } = await imported(HEAD + rules);
    expect(definition['raw']).toEqual([
      'lxc.cgroup2.devices.deny = a',
      'lxc.cgroup2.devices.allow = /dev/fb0 rw',
    ]);
  });
});

describe('device rules that stay for cgroup v2', () => {
  it('are kept, and what LXC does with them is said', async () => {
    const skipped = await converted(v2('deny = a', 'allow = c 1:7 rw', 'deny = c 1:7 w'), '5.0.2');
    expect(skipped.rules).toEqual(['deny = a', 'allow = c 1:7 rw', 'deny = c 1:7 w']);
    expect(skipped.notes.join('\n')).toContain(
      '4:1 mended: devices.deny = c 1:7 w is not in force: on cgroup v2 LXC skips a rule that denies after "deny = a"',
    );
    const alone = await converted(v2('deny = c 1:7 rwm'), '6.0.6');
    expect(alone.notes.join('\n')).toContain('2:1 mended: every device is denied');
    const open = await converted(v2('deny = a'), '7.0.0');
    expect(open.notes.join('\n')).toContain('2:1 mended: every device is open');
    expect((await converted(v2('deny = a', 'allow = c 1:3 rwm'), '7.0.0')).notes).toEqual([]);
  });
});

describe('device rules of a definition', () => {
  it.each([
    [v1('deny = a', 'allow = c 1:7 rw', 'deny = c 1:7 w'), ['c 1:7 r']],
    [v1('deny = a', 'allow = c 1:3 rwm', 'deny = c 1:7 w'), ['null']],
    [v2('allow = c 1:3 rwm'), ['null']],
    [v2('deny = a', 'deny = a *:* rwm'), []],
    [v1('allow = a', 'deny = a', 'allow = b 8:0 r', 'allow = b 8:0 w'), ['b 8:0 rw']],
  ])('%j', async (text, allow) => {
    const { definition } = await imported(HEAD + text);
    expect(definition['devices']).toEqual({ allow });
    expect(definition['raw']).toBeUndefined();
  });

  it('is none where every device is open', async () => {
    const { definition } = await imported(HEAD + v1('allow = c 1:3 rwm'));
    expect(definition['devices']).toBeUndefined();
    expect(definition['raw']).toBeUndefined();
  });
});
