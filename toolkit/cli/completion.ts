import type { Command } from 'commander';
import { listCommands, type ListedCommand, type ListedOption, type Values } from './list-commands.ts';
import { print } from './terminal.ts';

/** The shells that lxc-kit writes a completion script for. To add one, add a row. */
const SHELLS = { bash, zsh, fish } as const;

export type Shell = keyof typeof SHELLS;

/** `lxc-kit completion`: the script with which a shell completes commands, options, boards, steps and symbols. */
export function completion(shell: Shell, program: Command): void {
  print(SHELLS[shell](listCommands(program)));
}

/** A word of any shell. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Finds the command and the board in the words so far; the same in bash and zsh but for the names of the variables. */
function readWords(commands: readonly ListedCommand[], words: string, first: number, last: string): string {
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  return `  local command='' board='' i
  for ((i = ${first}; i < ${last}; i++)); do
    case \${${words}[i]} in
      --board) board=\${${words}[i + 1]} ;;
      -*) ;;
      *)
        case "\${command:+$command }\${${words}[i]}" in
          ${paths.join(' | ')}) command="\${command:+$command }\${${words}[i]}" ;;
        esac
        ;;
    esac
  done`;
}

/** The shell words that print what a value can be; undefined for files and free text. */
function printed({ choices, offer }: Values): string | undefined {
  if (choices.length > 0) return `printf '%s\\n' ${choices.map(quote).join(' ')}`;
  if (offer === undefined || offer === 'files') return undefined;
  return `lxc-kit complete ${offer} \${board:+--board "$board"} 2> /dev/null`;
}

function bash(commands: readonly ListedCommand[]): string {
  const FILES = 'compgen -f -- "$current"';
  const reply = (...commands: readonly (string | undefined)[]): string => {
    const asked = commands.filter((command) => command !== undefined);
    return asked.length === 0 ? ':' : `_lxc_kit_reply < <(${asked.join('; ')})`;
  };
  const values = (one: Values): string =>
    reply(printed(one), one.offer === 'files' || one.offer === 'boards' ? FILES : undefined);
  const cases = commands.flatMap(({ path, options }) =>
    options.flatMap(({ name, values: one }) =>
      one === undefined ? [] : [`    ${quote(`${path} ${name}`)}) ${values(one)}; return ;;`],
    ),
  );
  const words = commands.map(({ path, options, commands: inner, argument }) => {
    const own = `printf '%s\\n' ${[...inner, ...options.map(({ name }) => name)].map(quote).join(' ')}`;
    const given = argument === undefined ? undefined : printed(argument);
    return `    ${quote(path)}) ${reply(own, given, argument?.offer === 'files' ? FILES : undefined)} ;;`;
  });
  return `# Completion of lxc-kit for bash, by: lxc-kit completion bash
# Takes the lines that begin with the current word. compgen -W would expand them like a command line.
_lxc_kit_reply() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    [[ $word == "$current"* ]] && COMPREPLY+=("$word")
  done
}
_lxc_kit() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
${readWords(commands, 'COMP_WORDS', 1, 'COMP_CWORD')}
  case "$command $previous" in
${cases.join('\n')}
  esac
  case $command in
${words.join('\n')}
  esac
}
complete -o filenames -F _lxc_kit lxc-kit`;
}

function zsh(commands: readonly ListedCommand[]): string {
  const values = (one: Values): string => {
    const words = printed(one);
    if (words === undefined) return one.offer === 'files' ? '_files' : ':';
    return `compadd -- $(${words})${one.offer === 'boards' ? "; _files -g '*.yaml'" : ''}`;
  };
  const cases = commands.flatMap(({ path, options }) =>
    options.flatMap(({ name, values: one }) =>
      one === undefined ? [] : [`    ${quote(`${path} ${name}`)}) ${values(one)}; return ;;`],
    ),
  );
  const described = (name: string, description: string): string =>
    quote(`${name.replaceAll(':', '\\:')}:${description.replaceAll(':', '\\:')}`);
  const words = commands.map(({ path, options, commands: inner, argument }) => {
    const ofCommands = inner.map((name) =>
      described(name, commands.find((one) => one.path === `${path} ${name}`.trim())?.description ?? ''),
    );
    const ofOptions = options.map(({ name, description }) => described(name, description));
    return `    ${quote(path)})
      offered=(${[...ofCommands, ...ofOptions].join(' ')})
      _describe 'lxc-kit' offered
      ${argument === undefined ? ':' : values(argument)}
      ;;`;
  });
  return `#compdef lxc-kit
# Completion of lxc-kit for zsh, by: lxc-kit completion zsh
_lxc_kit() {
  local previous=\${words[CURRENT - 1]}
  local -a offered
${readWords(commands, 'words', 2, 'CURRENT')}
  case "$command $previous" in
${cases.join('\n')}
  esac
  case $command in
${words.join('\n')}
  esac
}
compdef _lxc_kit lxc-kit`;
}

function fish(commands: readonly ListedCommand[]): string {
  const condition = ({ path, commands: inner }: ListedCommand): string => {
    const names = path.split(' ').filter((name) => name !== '');
    const seen = names.map((name) => `__fish_seen_subcommand_from ${name}`);
    const unseen = inner.length === 0 ? [] : [`not __fish_seen_subcommand_from ${inner.join(' ')}`];
    return quote([...seen, ...unseen].join('; and '));
  };
  const board = '(__lxc_kit_board)';
  const offered = ({ choices, offer }: Values): string => {
    if (choices.length > 0) return `-x -a ${quote(choices.join(' '))}`;
    if (offer === 'files') return '-r -F';
    if (offer === undefined) return '-x';
    return `${offer === 'boards' ? '-r' : '-x'} -a '(lxc-kit complete ${offer} ${board} 2> /dev/null)'`;
  };
  const optionLine = (command: ListedCommand, { name, description, values }: ListedOption): string =>
    `complete -c lxc-kit -n ${condition(command)} -l ${name.slice(2)} -d ${quote(description)}` +
    (values === undefined ? '' : ` ${offered(values)}`);
  const lines = commands.flatMap((command) => [
    ...command.commands.map((name) => {
      const path = `${command.path} ${name}`.trim();
      const description = commands.find((one) => one.path === path)?.description ?? '';
      return `complete -c lxc-kit -n ${condition(command)} -a ${name} -d ${quote(description)}`;
    }),
    ...command.options
      .filter(({ name }) => name.startsWith('--'))
      .map((option) => optionLine(command, option)),
    ...(command.argument === undefined
      ? []
      : [`complete -c lxc-kit -n ${condition(command)} ${offered(command.argument)}`]),
  ]);
  return `# Completion of lxc-kit for fish, by: lxc-kit completion fish
function __lxc_kit_board
  set -l words (commandline -opc)
  set -l at (contains -i -- --board $words)
  and begin
    echo --board
    echo $words[(math $at + 1)]
  end
end
complete -c lxc-kit -f
${lines.join('\n')}`;
}
