import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import {
  emitContainer,
  type ContainerTarget,
  type EmittedContainer,
} from '../../../toolkit/containers/emit-container.ts';
import { helperMountPoints } from '../../../toolkit/lxc/installed-files.ts';
import { containerFrom, device, problemsOf, target } from './rig.ts';

type Changes = Partial<ContainerTarget>;

const emit = (yaml: string, changes: Changes = {}): Promise<EmittedContainer> =>
  emitContainer(containerFrom(yaml), target(changes));

const errorsOf = (yaml: string, changes: Changes = {}): Promise<string[]> =>
  problemsOf(() => emit(yaml, changes));

const host = device(
  { path: '/opt', type: 'dir' },
  { path: '/opt/hooks', type: 'dir' },
  { path: '/opt/hooks/log.sh', type: 'file', mode: 0o755 },
  { path: '/opt/hooks/plain.sh', type: 'file', mode: 0o644 },
  { path: '/opt/empty.seccomp', type: 'file', mode: 0o644, sizeBytes: 0 },
);

describe('a hook', () => {
  it('keeps its arguments when the device has it', async () => {
    const { configText } = await emit('{ name: web, hooks: { pre-start: /opt/hooks/log.sh one two } }', {
      host,
    });
    expect(configText).toContain('lxc.hook.pre-start = /opt/hooks/log.sh one two\n');
  });

  it('causes an error with a similar name when the device lacks it', async () => {
    const yaml = '{ name: web, hooks: { pre-start: /opt/hooks/lag.sh, post-stop: [/bin/ls, /opt/none] } }';
    expect(await errorsOf(yaml, { host })).toEqual([
      'the pre-start hook of web is /opt/hooks/lag.sh, which is not in the root filesystem\n  help: did you mean /opt/hooks/log.sh?',
      'the post-stop hook of web is /opt/none, which is not in the root filesystem',
    ]);
  });

  it('must be executable', async () => {
    expect(await errorsOf('{ name: web, hooks: { mount: /opt/hooks/plain.sh } }', { host })).toEqual([
      'the mount hook of web is /opt/hooks/plain.sh, which is not executable: its mode is 0644\n  help: give it mode 0755',
    ]);
  });

  it('at the start is run in the container, and looked for there', async () => {
    const hooks = 'hooks: { start: /opt/hooks/log.sh }';
    expect(await errorsOf(`{ name: web, ${hooks} }`, { host })).toEqual([
      'the start hook of web is /opt/hooks/log.sh, which is not in the container\n  help: LXC runs this hook in the container: add /opt/hooks/log.sh to its bind',
    ]);
    expect(await errorsOf(`{ name: web, bind: [/opt/hooks/log.sh], ${hooks} }`, { host })).toEqual([]);
    expect(await errorsOf(`{ name: web, bind: [/opt/hooks], ${hooks} }`, { host })).toEqual([]);
  });

  it('is not guessed about where only the shell or the running device knows', async () => {
    const yaml = '{ name: web, hooks: { pre-start: ["[ -e /x ] || exit 1", "/run/made/later", "$HOOK a"] } }';
    expect(await errorsOf(yaml, { host })).toEqual([]);
  });
});

describe('a command', () => {
  it('must be an executable file', async () => {
    expect(
      await errorsOf('{ name: web, command: [/opt/hooks/plain.sh], bind: [/opt/hooks/plain.sh] }', { host }),
    ).toEqual([
      'web runs /opt/hooks/plain.sh, which is not executable: its mode is 0644\n  help: give it mode 0755',
    ]);
  });
});

describe('a seccomp profile', () => {
  it('must be in the root filesystem, and not empty', async () => {
    expect(await errorsOf('{ name: web, seccomp: /opt/empti.seccomp }', { host })).toEqual([
      'web uses the seccomp profile /opt/empti.seccomp, which is not in the root filesystem\n  help: did you mean /opt/empty.seccomp?',
    ]);
    const [error = ''] = await errorsOf('{ name: web, seccomp: /opt/empty.seccomp }', { host });
    expect(error).toMatch(
      /^web uses the seccomp profile \/opt\/empty.seccomp, which is empty: LXC refuses it/,
    );
  });
});

describe('a bridge', () => {
  const yaml = '{ name: web, network: [{ type: veth, link: br0 }, { type: veth }] }';
  const warningsOf = async (bridges: readonly string[]): Promise<string[]> =>
    (await emit(yaml, { bridges })).warnings.map(formatDiagnostic);

  it('causes a warning when a board without bridges leaves it to others', async () => {
    expect(await warningsOf([])).toEqual([
      'web starts only if something on the device makes the bridge br0: this board has no bridges\n  help: add "bridges: [{ name: br0 }]" to the board profile, with "external: true" if your own script makes it',
    ]);
    expect(await warningsOf(['br0'])).toEqual([]);
  });
});

describe('a mount that LXC makes by itself', () => {
  it('has its mount point in the root filesystem, for lxc-execute where that is read-only', async () => {
    const pathsOf = async (lxcVersion: string): Promise<string[]> => {
      const ownMountPoints = helperMountPoints(lxcVersion);
      const { entries } = await emit('name: web', { lxcVersion, ownMountPoints, cgroup: 'v1' });
      return entries.map(({ path }) => path);
    };
    expect(await pathsOf('3.2.1')).toContain('/opt/lxc/web/init.lxc.static');
    expect(await pathsOf('4.0.12')).not.toContain('/opt/lxc/web/init.lxc.static');
  });
});
