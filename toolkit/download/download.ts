import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DownloadFailure } from './download-failure.ts';
import { claimPartial } from './partial-file.ts';
import { proxyDispatcher } from './proxy-dispatcher.ts';
import { rejectFile } from './reject-file.ts';
import type { SourceContext } from './source-context.ts';
import { redactUrls } from '../base/redact-urls.ts';
import { keepInStore, writeFailure, type StoredFile } from './store.ts';
import { openTransfer, type Transfer } from './transfer.ts';
import { Unavailable } from './unavailable.ts';
import { isWebPage } from './web-page.ts';

const MAX_TRIES = 4;
/** A try that received this much resets the count of tries: a bad line must not make a big file impossible. */
const PROGRESS_BYTES = 1 << 20;
const MAX_WAIT_MS = 60_000;

export interface Download {
  readonly url: string;
  readonly sha256: string;
  /** The file's name in the store. */
  readonly name: string;
}

/**
 * Downloads a file into the store, continuing a broken download of this run or an earlier one.
 * Throws Unavailable with the reason, or SOURCE_HASH_MISMATCH; the bad file is then in `rejected/`.
 */
export async function downloadFile(download: Download, context: SourceContext): Promise<StoredFile> {
  const { storeDir, signal } = context;
  const pace = { baseDelayMs: 500, stallMs: 30_000, ...context.pace };
  const dispatcher = await proxyDispatcher(context.userEnv, pace.stallMs);
  const part = await claimPartial(storeDir, download.sha256);
  const transfer = await openTransfer(
    { ...download, partFile: part.file, dispatcher, stallMs: pace.stallMs },
    context,
  );
  try {
    const resumed = transfer.receivedBytes > 0;
    if (transfer.digest() !== download.sha256) await withRetries(transfer, pace.baseDelayMs, signal);
    // The bytes of an earlier run may be from another file; only a whole download shows what this server has.
    if (transfer.digest() !== download.sha256 && resumed) {
      await transfer.startOver();
      await withRetries(transfer, pace.baseDelayMs, signal);
    }
    const found = transfer.digest();
    if (found === download.sha256) return await keepInStore(storeDir, part.file, found, download.name);
    if (await isWebPage(part.file)) {
      await transfer.startOver();
      throw new Unavailable(`the server sent a web page, not ${download.name}`);
    }
    const origin = redactUrls(download.url);
    throw await rejectFile(storeDir, {
      file: part.file,
      name: download.name,
      origin,
      expected: download.sha256,
      found,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof DownloadFailure ? new Unavailable(error.message) : writeFailure(storeDir, error);
  } finally {
    await transfer.close();
    await part.giveBack();
    await dispatcher.destroy();
  }
}

/** The file name in a URL. Throws Unavailable for a text that is not an http or https URL. */
export function nameOfUrl(url: string): string {
  if (!/^https?:/i.test(url) || !URL.canParse(url))
    throw new Unavailable('it is not an http or https address');
  const name = basename(decoded(new URL(url).pathname)).replace(/^\.+/, '');
  return name === '' ? 'download' : name;
}

/** Percent signs that do not encode text stay unchanged. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function withRetries(transfer: Transfer, baseDelayMs: number, signal: AbortSignal): Promise<void> {
  let tries = 0;
  let wasOnline = false;
  for (;;) {
    const before = transfer.receivedBytes;
    try {
      await transfer.tryOnce();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DownloadFailure)) throw error;
      const broughtBytes = transfer.receivedBytes - before;
      wasOnline ||= broughtBytes > 0;
      tries = broughtBytes >= PROGRESS_BYTES ? 1 : tries + 1;
      const waitMs = waitBeforeNextTry(error, tries, wasOnline, baseDelayMs);
      if (waitMs === undefined) throw error;
      await sleep(waitMs, undefined, { signal });
    }
  }
}

/** How long to wait after `tries` failed tries; undefined: give up. */
function waitBeforeNextTry(
  failure: DownloadFailure,
  tries: number,
  wasOnline: boolean,
  baseDelayMs: number,
): number | undefined {
  if (failure.retry === 'no') return undefined;
  // No network at all; but one that worked a moment ago may come back.
  if (failure.retry === 'quickly' && !wasOnline) return tries < 2 ? baseDelayMs / 5 : undefined;
  if (tries >= MAX_TRIES || (failure.waitMs ?? 0) > MAX_WAIT_MS) return undefined;
  // Jitter, so that machines that lost the connection together do not all return at the same time.
  return failure.waitMs ?? baseDelayMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2);
}
