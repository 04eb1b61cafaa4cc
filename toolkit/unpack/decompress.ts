import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { PassThrough } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { errorMessage, KitError, systemErrorCode } from '../base/errors.ts';
import { runTool, type RunResult } from '../host/run-tool.ts';
import type { ToolContext } from '../download/source-context.ts';

/** A whole file, or a part of it. */
export interface FilePart {
  readonly file: string;
  readonly offset?: number;
  readonly sizeBytes?: number;
}

interface Bytes {
  readonly file: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** The first bytes of each compressed format, and its host tool. */
const FORMATS = [
  { magic: [0x1f, 0x8b], tool: 'gzip' },
  { magic: [0x42, 0x5a, 0x68], tool: 'bzip2' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], tool: 'xz' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], tool: 'zstd' },
] as const;

/** -T0: xz 5.4 and later use all processors; older ones accept the option and use one. */
const COMMANDS = { bzip2: 'bzip2 -dc', xz: 'xz -dc -T0', zstd: 'zstd -dcq' } as const;

/**
 * Yields the bytes of a file that may be compressed (gzip, bzip2, xz, zstd; detected by its first bytes, not its name).
 * Throws ARCHIVE_BROKEN with the decompressor's message, or TOOL_MISSING.
 */
export async function* decompress(part: FilePart, context: ToolContext): AsyncGenerator<Buffer> {
  const offset = part.offset ?? 0;
  const bytes = {
    file: part.file,
    offset,
    sizeBytes: part.sizeBytes ?? (await stat(part.file)).size - offset,
  };
  if (bytes.sizeBytes === 0) throw broken(part.file, 'it is empty');
  const tool = await formatOf(bytes);
  if (tool === undefined) yield* readPart(bytes);
  else if (tool === 'gzip') yield* gunzip(bytes);
  else yield* decompressWithTool(tool, bytes, context);
}

/** The error for an archive that cannot be read to its end. */
export function broken(file: string, reason: string): KitError {
  return new KitError('ARCHIVE_BROKEN', `${basename(file)} cannot be unpacked: ${reason}`, {
    lines: [`file: ${file}`],
    hint: 'check its origin; if it is in the store, delete it to download it again',
  });
}

async function formatOf(bytes: Bytes): Promise<(typeof FORMATS)[number]['tool'] | undefined> {
  const handle = await open(bytes.file, 'r');
  try {
    const start = Buffer.alloc(6);
    await handle.read(start, 0, Math.min(6, bytes.sizeBytes), bytes.offset);
    return FORMATS.find(({ magic }) => magic.every((byte, index) => start[index] === byte))?.tool;
  } finally {
    await handle.close();
  }
}

function readPart({ file, offset, sizeBytes }: Bytes): AsyncIterable<Buffer> {
  return createReadStream(file, { start: offset, end: offset + sizeBytes - 1, highWaterMark: 1 << 18 });
}

async function* gunzip(bytes: Bytes): AsyncGenerator<Buffer> {
  const source = createReadStream(bytes.file, {
    start: bytes.offset,
    end: bytes.offset + bytes.sizeBytes - 1,
  });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  source.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    throw systemErrorCode(error)?.startsWith('Z_') === true
      ? broken(bytes.file, `gzip: ${errorMessage(error)}`)
      : error;
  } finally {
    source.destroy();
  }
}

/** runTool starts the tool, because its process group ends with lxc-kit. */
async function* decompressWithTool(
  tool: keyof typeof COMMANDS,
  bytes: Bytes,
  context: ToolContext,
): AsyncGenerator<Buffer> {
  const stop = new AbortController();
  const output = new PassThrough({ highWaterMark: 1 << 18 });
  const script = `tail -c "+$2" "$1" | head -c "$3" | ${COMMANDS[tool]}`;
  const args = [bytes.file, String(bytes.offset + 1), String(bytes.sizeBytes)];
  const ended = runTool(['sh', '-c', script, 'sh', ...args], {
    cwd: '/',
    env: context.env,
    logFile: context.logFile,
    signal: AbortSignal.any([context.signal, stop.signal]),
    capture: true,
    stdout: output,
  }).then(
    (result) => {
      const failure = failureOf(result, tool, bytes.file);
      if (failure === undefined) output.end();
      else output.destroy(failure);
    },
    (error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    yield* output as AsyncIterable<Buffer>;
  } finally {
    stop.abort();
    await ended;
  }
}

function failureOf(result: RunResult, tool: string, file: string): KitError | undefined {
  if (result.kind === 'killed') return broken(file, `${tool} was killed by ${result.signal}`);
  if (result.kind === 'not-started') return broken(file, `${tool} could not be started: ${result.reason}`);
  if (result.exitCode === 0) return undefined;
  if (result.exitCode === 127)
    return new KitError('TOOL_MISSING', `${tool} is not in PATH`, { hint: 'run: npx lxc-kit doctor' });
  const last = result.errors.trim().split('\n').at(-1) ?? '';
  const said = last.replace(/^\S+: (?:\(stdin\): )?/, '');
  return broken(file, `${tool}: ${said === '' ? `exit code ${result.exitCode}` : said}`);
}
