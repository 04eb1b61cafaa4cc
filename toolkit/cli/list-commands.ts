import type { Argument, Command, Option } from 'commander';

/** The words that a shell can offer for a value: files, or those that `lxc-kit complete` prints. */
export type Offer = 'files' | 'boards' | 'steps' | 'symbols';

/** The values of an option or an argument. */
export interface Values {
  /** As in the help: `<name|file>`. */
  readonly placeholder: string;
  readonly choices: readonly string[];
  readonly offer: Offer | undefined;
}

export interface ListedOption {
  /** `--board`. */
  readonly name: string;
  readonly description: string;
  /** Undefined for a switch. */
  readonly values: Values | undefined;
}

/** A command, with everything that help, man page and completion say about it. */
export interface ListedCommand {
  /** `kconfig audit`; empty for lxc-kit itself. */
  readonly path: string;
  readonly description: string;
  readonly options: readonly ListedOption[];
  readonly argument: Values | undefined;
  /** The names of its own commands. */
  readonly commands: readonly string[];
}

/** The offers by the placeholders of options and arguments. */
const OFFERS: Readonly<Record<string, Offer>> = {
  'name|file': 'boards',
  step: 'steps',
  symbol: 'symbols',
  symbols: 'symbols',
  file: 'files',
  dir: 'files',
  'component=path': 'files',
};

/** Lists lxc-kit itself and every command, outer ones first; hidden ones are left out. */
export function listCommands(command: Command, outer: readonly string[] = []): ListedCommand[] {
  const own = command.createHelp();
  const inner = own.visibleCommands(command).filter((one) => one.name() !== 'help');
  return [
    {
      path: outer.join(' '),
      description: command.description(),
      options: own.visibleOptions(command).map(listOption),
      argument: command.registeredArguments[0] && valuesOf(command.registeredArguments[0]),
      commands: inner.map((one) => one.name()),
    },
    ...inner.flatMap((one) => listCommands(one, [...outer, one.name()])),
  ];
}

function listOption(option: Option): ListedOption {
  return {
    name: option.long ?? option.short ?? '',
    description: option.description,
    values: option.required || option.optional ? valuesOf(option) : undefined,
  };
}

function valuesOf(one: Option | Argument): Values {
  const written = 'flags' in one ? (/[<[](.*?)(?:\.\.\.)?[>\]]/.exec(one.flags)?.[1] ?? '') : one.name();
  return { placeholder: `<${written}>`, choices: one.argChoices ?? [], offer: OFFERS[written] };
}
