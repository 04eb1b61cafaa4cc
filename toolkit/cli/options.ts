import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LogFormat } from '../logging/create-logger.ts';

/** Adds `--board` to a command. */
export function board(command: Command): Command {
  return command.requiredOption('--board <name|file>', 'a board (boards/NAME.yaml) or the path of a profile');
}

/** `--out DIR`. */
export function out(): Option {
  return new Option('--out <dir>', 'the out directory (default: out/NAME)');
}

/** `--source COMPONENT=PATH`. */
export function source(): Option {
  return new Option(
    '--source <component=path>',
    "a tarball or tree instead of the profile's sources (repeatable)",
  ).argParser(collect);
}

/** `--log-format auto|plain|json`. */
export function logFormat(): Option {
  const formats: LogFormat[] = ['auto', 'plain', 'json'];
  return new Option('--log-format <format>', 'how progress is shown').choices(formats).default('auto');
}

/** Makes an option repeatable. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** Reads a whole number from 1 on. */
export function positive(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`must be a whole number from 1 on, not "${text}"`);
}

/** Reads the number of a release. */
export function release(text: string): string {
  if (/^\d+(?:\.\d+)+(?:[-~+][\w.~+-]+)?$/.test(text)) return text;
  throw new InvalidArgumentError(`must be the number of a release such as 6.1 or 6.12.107, not "${text}"`);
}
