import type { Command } from 'commander';
import { packageVersion } from '../base/package-root.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import { listCommands, type ListedCommand } from './list-commands.ts';
import { print } from './terminal.ts';

/** `lxc-kit man`: the man page, in the man macros of roff (man(7)). */
export function man(program: Command): void {
  const [own, ...commands] = listCommands(program);
  if (own === undefined) return;
  print(
    [
      `.TH LXC-KIT 1 "" "lxc-kit ${packageVersion()}"`,
      '.SH NAME',
      `lxc\\-kit \\- ${plain(own.description)}`,
      '.SH SYNOPSIS',
      '.B lxc\\-kit',
      '.I command',
      '[options]',
      '.SH COMMANDS',
      ...commands.filter(({ commands: inner }) => inner.length === 0).flatMap(section),
      '.SH EXIT STATUS',
      ...exitCodeMeanings.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, plain(meaning)]),
      '.SH FILES',
      '.TP',
      '.I boards/NAME.yaml',
      'A board profile. The documentation in the package, docs/board\\-profile.md, has all keys.',
      '.TP',
      '.I out/NAME',
      'What a build leaves.',
      '.TP',
      '.I ~/.cache/lxc\\-kit',
      'The store that boards share; LXC_KIT_STORE names another one.',
    ].join('\n'),
  );
}

function section({ path, description, options, argument }: ListedCommand): string[] {
  const value = argument === undefined ? '' : ` ${argument.placeholder}`;
  return [
    `.SS ${plain(`${path}${value}`)}`,
    plain(sentence(description)),
    ...options.flatMap(({ name, description: does, values }) => {
      const shown = values === undefined ? '' : ` \\fI${plain(values.placeholder)}\\fR`;
      const choices = values?.choices.length ? ` (${values.choices.join(', ')})` : '';
      return ['.TP', `\\fB${plain(name)}\\fR${shown}`, plain(`${sentence(does)}${choices}`)];
    }),
  ];
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Text without a meaning for roff. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}
