import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { runToolOrFail } from '../host/run-tool.ts';
import type { ToolContext } from '../download/source-context.ts';

/** A named pipe that a host tool writes to and lxc-kit reads from. */
export interface NamedPipe {
  readonly file: string;
  readonly reader: Socket;
  /** Call it once the tool has ended or failed to start: only then does the reader see the end. */
  readonly finishWriting: () => void;
  readonly remove: () => Promise<void>;
}

/** Makes a named pipe below `parentDir`. */
export async function openNamedPipe(parentDir: string, context: ToolContext): Promise<NamedPipe> {
  await mkdir(parentDir, { recursive: true });
  const dir = await mkdtemp(join(parentDir, 'pipe-'));
  try {
    const file = join(dir, 'pipe');
    await runToolOrFail(['mkfifo', file], { cwd: dir, env: context.env, signal: context.signal });
    // Without O_NONBLOCK, open would wait for the other end in a thread that nothing can wake up.
    const reader = new Socket({
      fd: openSync(file, constants.O_RDONLY | constants.O_NONBLOCK),
      readable: true,
    });
    let writer: number | undefined = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
    const finishWriting = (): void => {
      if (writer !== undefined) closeSync(writer);
      writer = undefined;
    };
    const remove = async (): Promise<void> => {
      finishWriting();
      reader.destroy();
      await rm(dir, { recursive: true, force: true });
    };
    return { file, reader, finishWriting, remove };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
