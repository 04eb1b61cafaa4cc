import { parseConfigLine } from '../../toolkit/lxc-keys/parse-config-line.ts';

/** Where `lxc.mount.auto` mounts what (lxc.container.conf(5)). */
const AUTOMATIC: Readonly<Record<string, string>> = { proc: '/proc', sys: '/sys', cgroup: '/sys/fs/cgroup' };

/**
 * Mount points that a configuration asks for and a container does not have. `mountinfo`: /proc/PID/mountinfo of a process
 * in it (proc(5)). LXC skips an entry whose target is not below the root file system with no more than a warning.
 */
export function missingMounts(configText: string, mountinfo: string): string[] {
  const there = new Set(mountinfo.split('\n').map((line) => line.split(' ')[4] ?? ''));
  return wantedMountPoints(configText).filter((point) => !there.has(point));
}

function wantedMountPoints(configText: string): string[] {
  return configText.split('\n').flatMap((line) => {
    const parsed = parseConfigLine(line);
    if (parsed.kind !== 'setting') return [];
    const words = parsed.value.split(/\s+/);
    if (parsed.key === 'lxc.mount.auto')
      return words.flatMap((word) => AUTOMATIC[word.split(':')[0] ?? ''] ?? []);
    const [, target = '', , options = ''] = words;
    if (parsed.key !== 'lxc.mount.entry' || options.split(',').includes('optional')) return [];
    return [target.startsWith('/') ? target : `/${target}`];
  });
}
