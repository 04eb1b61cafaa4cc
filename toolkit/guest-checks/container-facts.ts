import { readSections, sectionHead } from '../cgroups/guest-sections.ts';
import { parseMountinfo, type Mount } from '../cgroups/read-guest-cgroups.ts';
import { shellWord } from './container-states.ts';

/** The kernel's view of a running container. */
export interface ContainerFacts {
  readonly mounts: readonly Mount[];
  /** Fields of /proc/PID/status, such as `CapBnd`. */
  readonly status: ReadonlyMap<string, string>;
  /** The groups of its first process: controllers (none for v2), and the path below the hierarchy's root. */
  readonly cgroups: readonly { readonly controllers: readonly string[]; readonly path: string }[];
  readonly interfaces: readonly string[];
  /** The addresses of all its interfaces, without prefix length; IPv6 as 32 digits. */
  readonly addresses: ReadonlySet<string>;
  /** Whether it shares the device's network. */
  readonly hostNetwork: boolean;
}

/** A running container. */
export interface RunningContainer {
  readonly name: string;
  readonly pid: number;
}

/** Returns the script that prints the input of `readContainerFacts`; the configuration is in the section `config`. */
export function containerFactsScript({ name, pid }: RunningContainer): string {
  return [
    `proc=/proc/${pid}`,
    `${sectionHead('config')}; cat "$(lxc-config lxc.lxcpath)/"${shellWord(name)}/config`,
    `for file in mountinfo status cgroup net/dev net/fib_trie net/if_inet6; do ${sectionHead('"$file"')}`,
    'cat $proc/$file 2>/dev/null; done',
    `${sectionHead('namespaces')}; readlink $proc/ns/net; readlink /proc/self/ns/net; true`,
  ].join('\n');
}

export function readContainerFacts(output: string): {
  readonly config: string;
  readonly facts: ContainerFacts;
} {
  const sections = readSections(output);
  const lines = (title: string): string[] =>
    (sections.get(title) ?? '').split('\n').filter((line) => line !== '');
  const [own, host] = lines('namespaces');
  return {
    config: sections.get('config') ?? '',
    facts: {
      mounts: parseMountinfo(sections.get('mountinfo') ?? ''),
      status: new Map(
        lines('status').map((line) => {
          const [name = '', value = ''] = line.split(':\t');
          return [name, value.trim()];
        }),
      ),
      cgroups: lines('cgroup').flatMap((line) => {
        const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
        return path === '' ? [] : [{ controllers: controllers.split(',').filter((one) => one !== ''), path }];
      }),
      interfaces: lines('net/dev').flatMap((line) => /^\s*([^\s:|]+):/.exec(line)?.[1] ?? []),
      addresses: new Set(
        [
          ...(sections.get('net/fib_trie') ?? '').matchAll(/-- ([\d.]+)\n\s+\/32 host LOCAL/g),
          ...(sections.get('net/if_inet6') ?? '').matchAll(/^([0-9a-f]{32}) /gm),
        ].map(([, address = '']) => address),
      ),
      hostNetwork: own !== undefined && own === host,
    },
  };
}
