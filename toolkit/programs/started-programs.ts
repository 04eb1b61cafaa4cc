import type { Location } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';

/** The path of a value in a container definition: ['hooks', 'start', 0]. */
export type DefinitionPath = readonly (string | number)[];

/** A program that LXC starts for a container. */
export interface StartedProgram {
  readonly program: string;
  readonly path: DefinitionPath;
  /** `device`: LXC runs it in the device's root filesystem. */
  readonly where: 'container' | 'device';
  /** The beginning of a message: "the pre-start hook of c1 starts". */
  readonly says: string;
  /** The place, for a line of an included file. */
  readonly place?: Location;
}

/** A line of an included file. */
export interface IncludedSetting {
  readonly key: string;
  readonly value: string;
  readonly place?: Location;
}

/** The only hook that LXC runs inside the container's root filesystem; lxc.container.conf(5), Hooks. */
const HOOK_INSIDE = 'start';

/** The program that LXC starts if neither the definition nor a raw line names one. */
const DEFAULT_INIT = '/sbin/init';

/** Matches lines that name the first process, in all releases. */
const INIT_LINE = /^\s*lxc\.(?:init[._]cmd|execute\.cmd)\s*=\s*(.*)$/;
const HOOK_LINE = /^\s*lxc\.hook\.([a-z-]+)\s*=\s*(.*)$/;

/** Returns all programs that LXC starts for a container: first process and hooks, also from `raw` and included files. */
export function startedPrograms(
  container: ContainerDefinition,
  included: readonly IncludedSetting[] = [],
): StartedProgram[] {
  const { name, hooks, raw } = container;
  const first = firstProcess(container);
  const rawHooks = raw.flatMap((line, i) => {
    const [, hook = '', command = ''] = HOOK_LINE.exec(line) ?? [];
    return hook === '' ? [] : [{ hook, command, path: ['raw', i] as DefinitionPath }];
  });
  const includedHooks = included.flatMap(({ key, value, place }) => {
    const [, hook = ''] = /^lxc\.hook\.([a-z-]+)$/.exec(key) ?? [];
    const path: DefinitionPath = ['include'];
    return hook === '' ? [] : [{ hook, command: value, path, ...(place === undefined ? {} : { place }) }];
  });
  const written = Object.entries(hooks).flatMap(([hook, commands]) =>
    commands.map((command, i) => ({ hook, command, path: ['hooks', hook, i] as DefinitionPath })),
  );
  return [
    ...(first === undefined ? [] : [{ ...first, where: 'container' as const, says: `${name} starts` }]),
    ...[...written, ...rawHooks, ...includedHooks].flatMap(({ hook, command, ...where }) => {
      const program = plainProgram(command);
      if (program === undefined) return [];
      const side = hook === HOOK_INSIDE ? ('container' as const) : ('device' as const);
      return [{ ...where, program, where: side, says: `the ${hook} hook of ${name} starts` }];
    }),
  ];
}

function firstProcess({
  kind,
  command,
  raw,
}: ContainerDefinition): Pick<StartedProgram, 'program' | 'path'> | undefined {
  const lines = raw.map((line) => INIT_LINE.exec(line)?.[1]);
  const last = lines.findLastIndex((value) => value !== undefined);
  if (last >= 0) {
    const program = plainProgram(lines[last] ?? '');
    return program === undefined ? undefined : { program, path: ['raw', last] };
  }
  const [program] = command;
  if (program !== undefined) return { program, path: ['command', 0] };
  return kind === 'system' ? { program: DEFAULT_INIT, path: ['rootfs', 'from'] } : undefined;
}

/** Returns the program of a shell command line if it is an absolute path as a plain word. */
function plainProgram(command: string): string | undefined {
  return /^\/[\w./+@-]+(?=\s|$)/.exec(command.trim())?.[0];
}
