import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { overlayProgram } from '../../../toolkit/containers/overlay-program.ts';
import { OVERLAY_HOOK, overlayHook, rootfsStorage } from '../../../toolkit/lxc-config/rootfs-storage.ts';
import { scratchDir, writeFiles } from '../scratch.ts';
import { ofBoard } from './rig.ts';

const overlaid = (more: Readonly<Record<string, unknown>> = {}) =>
  ofBoard({ name: 'web', kind: 'system', rootfs: { from: 'busybox', overlay: {} }, ...more });

test('an unprivileged container gets its overlay from a hook, a privileged one from LXC', () => {
  expect(rootfsStorage(overlaid(), '5.0.2')).toBe('/opt/lxc/web');
  expect(overlayHook(overlaid())).toBe(
    `${OVERLAY_HOOK} /opt/lxc/web /run/lxc-overlay/web/upper 1156972544:1156972544`,
  );
  expect(overlayProgram(overlaid()).map(({ path, mode }) => [path, mode])).toEqual([
    ['/usr/share/lxc-kit', 0o755],
    [OVERLAY_HOOK, 0o755],
  ]);
  const privileged = overlaid({ privileged: true });
  expect(rootfsStorage(privileged, '5.0.2')).toBe('overlay:/opt/lxc/web:/run/lxc-overlay/web/upper');
  expect([overlayHook(privileged), overlayProgram(privileged)]).toEqual([undefined, []]);
  expect(overlayHook(ofBoard({ name: 'web' }))).toBeUndefined();
});

describe('the program', () => {
  /** Runs it with a `chown` and a `mount` that only note what they are asked, for these need root. */
  function run(upper: (dir: string) => string, mount = 'true') {
    const dir = scratchDir();
    const [, program] = overlayProgram(overlaid());
    if (program?.type !== 'file' || typeof program.content !== 'string') throw new Error('no program');
    const note = '#!/bin/sh\necho "$(basename "$0") $*" >> "$NOTES"\n';
    const notes = join(dir, 'notes');
    writeFiles(dir, {
      program: program.content,
      file: '',
      notes: '',
      'bin/chown': note,
      'bin/mount': `${note}${mount}\n`,
    });
    for (const tool of ['chown', 'mount']) chmodSync(join(dir, 'bin', tool), 0o755);
    const words = ['/opt/lxc/web', upper(dir), '7:8', 'web', 'lxc', 'pre-start'];
    const { status, stderr } = spawnSync('sh', [join(dir, 'program'), ...words], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`, NOTES: notes },
    });
    return { dir, status, stderr, notes: readFileSync(notes, 'utf8').replaceAll(dir, 'DIR') };
  }

  test('makes the directories, gives the upper one to the root of the container, and mounts', () => {
    const { dir, status, notes } = run((at) => join(at, 'data/upper'));
    expect(status).toBe(0);
    expect(existsSync(join(dir, 'data/work'))).toBe(true);
    expect(notes).toBe(
      'chown 7:8 DIR/data/upper\n' +
        'mount -t overlay -o lowerdir=/opt/lxc/web,upperdir=DIR/data/upper,workdir=DIR/data/work /opt/lxc/web /opt/lxc/web\n',
    );
  });

  test('keeps the container from starting when it cannot, and says why', () => {
    const blocked = run((at) => join(at, 'file/upper'));
    expect(blocked).toMatchObject({ status: 1, notes: '' });
    expect(blocked.stderr).toMatch(/mkdir: .*Not a directory/);
    const refused = run((at) => join(at, 'data/upper'), 'echo no overlay here >&2; false');
    expect(refused).toMatchObject({ status: 1, stderr: 'no overlay here\n' });
  });
});
