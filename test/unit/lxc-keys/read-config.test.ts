import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import { placeOf, rightLine, withIncludes } from '../../../toolkit/lxc-keys/read-config.ts';
import { notesOf, readLines } from '../containers/rig.ts';

async function read(text: string, files: Readonly<Record<string, string>> = {}) {
  const findings = new Findings();
  const lines = withIncludes(await readLines(text, findings, files));
  return {
    settings: lines.flatMap((line) =>
      line.kind === 'setting' ? [`${line.source.file}:${line.source.number} ${line.key}=${line.value}`] : [],
    ),
    errors: findings.errors.map(formatDiagnostic),
    notes: notesOf(findings),
  };
}

describe('readConfig', () => {
  it('reads blanks, quotes and comments as LXC does', async () => {
    const text = `\t lxc.a=1\nlxc.b = "x y"\n  # lxc.c = 2\n\nlxc.d =\nlxc.e = 'a=b'\nlxc.f = "it's`;
    expect(await read(text)).toEqual({
      settings: [
        'c.conf:1 lxc.a=1',
        'c.conf:2 lxc.b=x y',
        'c.conf:5 lxc.d=',
        'c.conf:6 lxc.e=a=b',
        'c.conf:7 lxc.f="it\'s',
      ],
      errors: [],
      notes: [],
    });
  });

  it('puts what is included in its place, the files of a folder in their order', async () => {
    const files = { '/d/a.conf': 'lxc.a = 1', '/d/b.conf': 'lxc.include = /e.conf', '/e.conf': 'lxc.e = 1' };
    expect((await read('lxc.x = 1\nlxc.include = /d\nlxc.y = 1', files)).settings).toEqual([
      'c.conf:1 lxc.x=1',
      '/d/a.conf:1 lxc.a=1',
      '/e.conf:1 lxc.e=1',
      'c.conf:3 lxc.y=1',
    ]);
  });

  it('keeps an include that is not there', async () => {
    expect((await read('lxc.include = /none')).settings).toEqual(['c.conf:1 lxc.include=/none']);
  });

  it('refuses includes that go round', async () => {
    const { errors } = await read('lxc.include = /a.conf', {
      '/a.conf': 'lxc.a = 1\nlxc.include = /b.conf',
      '/b.conf': 'lxc.include = /a.conf',
    });
    expect(errors).toEqual([
      '/b.conf:1:15 this include goes in a circle: /a.conf -> /b.conf -> /a.conf\n' +
        '    lxc.include = /a.conf\n                  ~~~~~~~\n  help: remove it',
    ]);
  });

  it('refuses includes without end', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [
        `/${i}.conf`,
        `lxc.include = /${i + 1}.conf\nlxc.include = /${i + 1}.conf\n`,
      ]),
    );
    const { errors } = await read('lxc.include = /0.conf', { ...files, '/12.conf': '' });
    expect(errors[0]).toContain('this is include number 501; the limit is 500');
  });

  it('names the lines that LXC refuses or skips, and the one that is right', async () => {
    const { errors, notes } = await read(
      'lxc.network.name: "eth0"\nlxc.tty 4\nLXC.tty = 4\nlxc\nlxc.network.name: "a=b"\nlxc.autodev',
    );
    expect(errors.map((error) => error.replaceAll(/\n {4}.*/g, ''))).toEqual([
      'c.conf:1:1 LXC refuses the whole configuration because this line has no "="\n  help: write lxc.network.name = eth0',
      'c.conf:2:1 LXC refuses the whole configuration because this line has no "="\n  help: write lxc.tty = 4',
      'c.conf:5:1 LXC reads the key of this line as "lxc.network.name: "a": the key is everything before the first "="\n  help: write lxc.network.name = "a=b"',
      'c.conf:6:1 LXC refuses the whole configuration because this line has no "="',
    ]);
    expect(notes).toEqual([
      '3:1 left-out: LXC silently skips this line: it does not start with "lxc."',
      '4:1 left-out: LXC silently skips this line: it does not start with "lxc."',
    ]);
  });

  it('overlooks the line ends of Windows, and says so once', async () => {
    const { settings, notes } = await read('lxc.a = 1\r\nlxc.b = 2\r\n');
    expect(settings).toEqual(['c.conf:1 lxc.a=1', 'c.conf:2 lxc.b=2']);
    expect(notes).toHaveLength(1);
  });
});

it('finds the places of key and value', () => {
  const source = { file: 'a', number: 7, text: '  lxc.x =  y z ' };
  const shown = (part: 'line' | 'key' | 'value'): string => {
    const { column, length = 0 } = placeOf(source, part);
    return source.text.slice(column - 1, column - 1 + length);
  };
  expect([shown('line'), shown('key'), shown('value')]).toEqual(['lxc.x =  y z', 'lxc.x', 'y z']);
});

it('leaves alone what no colon makes a setting of', () => {
  expect(rightLine('hello: world')).toBeUndefined();
});
