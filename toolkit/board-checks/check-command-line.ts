import { DiagnosticsError, formatDiagnostic, type Diagnostic, type Location } from '../base/diagnostic.ts';
import { joinWords } from '../base/join-words.ts';
import { cgroupLayouts } from '../cgroups/layouts.ts';
import { switchedOffBy } from '../cgroups/switched-off.ts';
import type { Build } from '../opened-board/build.ts';
import { controllersOf } from './describe-conflicts.ts';

/** A kernel's final configuration and the place of its command line. */
export interface KernelCommandLine {
  /** Symbols with their values, from `readFinalConfig`. */
  readonly final: ReadonlyMap<string, string>;
  /** Undefined when it comes from one of the kernel's defconfigs. */
  readonly location?: Location | undefined;
}

/**
 * Finds container limits that the kernel's built-in command line (CONFIG_CMDLINE) disables: with `cgroup_disable=memory`
 * there is no memory controller, although CONFIG_MEMCG is set. Throws SYMBOL_LOST; returns warnings if the boot loader
 * decides whether that command line is used.
 */
export function checkCommandLine(build: Build, { final, location }: KernelCommandLine): string[] {
  const commandLine = textOf(final.get('CONFIG_CMDLINE'));
  if (commandLine === '' || final.get('CONFIG_CMDLINE_BOOL') === 'n') return [];
  const { profile, provenance } = build.loaded;
  const { version } = cgroupLayouts[profile.cgroup];
  const users = new Map<string, { readonly names: Set<string>; readonly place: Location; word: string }>();
  for (const [index, container] of profile.containers.entries()) {
    for (const controller of controllersOf(container, profile.cgroup)) {
      const word = switchedOffBy(commandLine, controller, version);
      if (word === undefined) continue;
      const user = users.get(controller) ?? {
        names: new Set<string>(),
        place: provenance(['containers', index, 'limits']),
        word,
      };
      users.set(controller, user);
      user.names.add(container.name);
    }
  }
  const problems = [...users].map(([controller, { names, place, word }]): Diagnostic => ({
    location: location ?? place,
    message:
      `CONFIG_CMDLINE has ${word}: the kernel then has no ${controller} controller for cgroup ${version}, ` +
      `and ${joinWords([...names], 'and')} ${names.size === 1 ? 'sets' : 'set'} limits with it (${place.file}:${place.line}:${place.column})`,
    help: `remove ${word} from CONFIG_CMDLINE`,
  }));
  // With this symbol, the built-in command line is used only if the boot loader passes none.
  if (final.get('CONFIG_CMDLINE_FROM_BOOTLOADER') === 'y') return problems.map(formatDiagnostic);
  if (problems.length > 0) throw new DiagnosticsError('SYMBOL_LOST', problems);
  return [];
}

/** Returns the text of a string symbol, without quotes and backslashes. */
function textOf(value = ''): string {
  return value.replace(/^"([^]*)"$/, '$1').replaceAll(/\\(.)/g, '$1');
}
