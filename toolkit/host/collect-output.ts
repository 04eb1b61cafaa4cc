import { LineSplitter } from './line-splitter.ts';
import type { ToolLog } from './tool-log.ts';

/** Where a tool's output goes; see RunOptions. */
export interface OutputOptions {
  readonly capture?: boolean;
  readonly onLine?: (line: string) => void;
}

/** Passes a tool's output to the log, to the listener and to the result; undefined instead of bytes means its end. */
export function collectOutput(options: OutputOptions, log: ToolLog | undefined) {
  const captured = { output: [] as Buffer[], errors: [] as Buffer[] };
  const collector = (kept: Buffer[]): ((bytes: Buffer | undefined) => void) => {
    const lines = new LineSplitter((line) => options.onLine?.(line));
    return (bytes) => {
      if (bytes === undefined) {
        lines.end();
        return;
      }
      log?.write(bytes);
      if (options.capture === true) kept.push(bytes);
      if (options.onLine !== undefined) lines.push(bytes);
    };
  };
  return {
    stdout: collector(captured.output),
    stderr: collector(captured.errors),
    captured: () => ({
      output: Buffer.concat(captured.output).toString('utf8'),
      errors: Buffer.concat(captured.errors).toString('utf8'),
    }),
  };
}
