import { describe, expect, it } from 'vitest';
import { convertConfig } from '../../../toolkit/lxc-adoption/convert-config.ts';
import { emitContainer } from '../../../toolkit/containers/emit-container.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import { containerFrom, imported, notesOf, problemsOf, readLines, target } from '../containers/rig.ts';

const emit = async (definition: string, lxcVersion: string): Promise<string> => {
  const layout = { lxcVersion, cgroup: 'v1' } as const;
  return (await emitContainer(containerFrom(definition), target(layout))).configText;
};
const linesWith = (text: string, word: string): string[] =>
  text.split('\n').filter((line) => line.startsWith('lxc.') && line.includes(word));

const SECOND = '{ name: second, rootfs: { from: busybox }, autostart: { order: 2 } }';

describe('the order of starting', () => {
  it('is turned round for LXC 1.x, which starts the highest first', async () => {
    expect(linesWith(await emit(SECOND, '1.1.5'), 'order')).toEqual(['lxc.start.order = -2']);
    expect(linesWith(await emit(SECOND, '2.0.8'), 'order')).toEqual(['lxc.start.order = 2']);
    const zero = SECOND.replace('2', '0');
    expect(linesWith(await emit(zero, '1.1.5'), 'order')).toEqual(['lxc.start.order = 0']);
  });

  it('comes back from a configuration that says which release it is for', async () => {
    for (const release of ['1.1.5', '2.0.8', '5.0.2']) {
      const { definition, notes } = await imported(await emit(SECOND, release));
      expect(definition['autostart'], release).toEqual({ order: 2 });
      expect(notes, release).toEqual([]);
    }
  });

  it('is read as today, with a note, where old keys leave the release open', async () => {
    const text = 'lxc.utsname = a\nlxc.rootfs = /opt/lxc/a\nlxc.start.auto = 1\nlxc.start.order = 7\n';
    const { definition, notes } = await imported(text);
    expect(definition['autostart']).toEqual({ order: 7 });
    expect(notes.filter((note) => note.includes('order'))).toEqual([
      '4:1 assumed: the lowest order starts first, as in LXC 2.0 and later',
    ]);
    const modern = await imported(text.replace('utsname', 'uts.name').replace('rootfs', 'rootfs.path'));
    expect(modern.notes.filter((note) => note.includes('order'))).toEqual([]);
  });

  it('stays the same when a configuration is converted', async () => {
    const convert = async (text: string, lxcVersion: string): Promise<string> => {
      const findings = new Findings();
      const converted = convertConfig(
        await readLines(text, findings, {}),
        { lxcVersion, cgroup: undefined },
        findings,
      );
      expect(notesOf(findings).filter((note) => note.includes('order'))).toHaveLength(1);
      return converted;
    };
    const old = await emit(SECOND, '1.1.5');
    expect(old).toMatch(/^# second: .* for LXC 1\.1\.5\. Made by lxc-kit/);
    const modern = await convert(old, '5.0.2');
    expect(modern).toMatch(/^# second: application container with a BusyBox of its own\. Made by lxc-kit/);
    expect(linesWith(modern, 'order')).toEqual(['lxc.start.order = 2']);
    expect(linesWith(await convert(modern, '1.1.5'), 'order')).toEqual(['lxc.start.order = -2']);
  });
});

describe('terminals', () => {
  const TERMINALS = '{ name: box, rootfs: { from: busybox }, tty: 2 }';

  it('bring the devpts along that they are made in, where LXC does not', async () => {
    expect(linesWith(await emit(TERMINALS, '1.1.5'), 'pts')).toEqual(['lxc.pts = 2']);
    expect(linesWith(await emit(TERMINALS, '4.0.6'), 'lxc.pty')).toEqual(['lxc.pty.max = 2']);
    expect(linesWith(await emit(TERMINALS, '4.0.12'), 'lxc.pty')).toEqual([]);
    const more = TERMINALS.replace('tty: 2', 'tty: 2, pty: 9');
    expect(linesWith(await emit(more, '1.1.5'), 'pts')).toEqual(['lxc.pts = 9']);
  });

  it('are imported without it', async () => {
    const { definition } = await imported(await emit(TERMINALS, '1.1.5'));
    expect(definition).toMatchObject({ tty: 2 });
    expect(definition).not.toHaveProperty('pty');
  });

  it('cannot be without one', async () => {
    const without = TERMINALS.replace('tty: 2', 'tty: 2, pty: 0');
    expect(await problemsOf(() => emit(without, '3.2.1'))).toEqual([
      `box: LXC 3.2.1 makes the terminals of "tty" in the container's own devpts, which "pty: 0" disables\n  help: remove pty, or write "tty: 0"`,
    ]);
    expect(linesWith(await emit(without, '5.0.2'), 'lxc.pty')).toEqual(['lxc.pty.max = 0']);
  });
});
