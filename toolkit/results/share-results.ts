import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KitError } from '../base/errors.ts';
import { everyAtOnce } from '../base/every-at-once.ts';
import { fingerprintHash, type Fingerprint } from '../engine/fingerprint.ts';
import type { MadeResult, FoundResult, SharedResults, SharingContext } from '../engine/shared-results.ts';
import { lockOut } from '../host/out-lock.ts';
import { hashBytes } from '../host/hash-file.ts';
import { decodeActionResult, encodeActionResult, type OutputFile } from './action-result.ts';
import { isSame, type LocalResults } from './local-results.ts';
import { RemoteFailure, type RemoteCache, type RemoteMode } from './remote-cache.ts';
import { blobsOf, MAX_RESULT_BYTES, parseStoredResult, type StoredResult } from './stored-result.ts';

/** A remote cache, and its name in messages. */
export interface Remote {
  readonly cache: RemoteCache;
  readonly mode: RemoteMode;
  readonly shownAs: string;
}

/** The file among a result's outputs that lists the others. */
const INDEX = 'lxc-kit-result.json';

const LOCK_POLL_MS = 250;

/** Files of one result that are transferred at once: enough to wait for the server and the disk at the same time. */
const TRANSFERS = 8;

/** Opens the results of a store and, if there is one, of the remote cache behind it. */
export function shareResults(local: LocalResults, lockDir: string, remote?: Remote): SharedResults {
  /** Emptied at the first failure: after a warning the build continues without it. */
  const remotes = remote === undefined ? [] : [remote];

  async function withRemote<T>(
    context: SharingContext,
    act: (cache: RemoteCache) => Promise<T>,
  ): Promise<T | undefined> {
    const [one] = remotes;
    if (one === undefined) return undefined;
    try {
      return await act(one.cache);
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error;
      if (remotes.pop() !== undefined)
        context.warn(`continuing without the remote cache ${one.shownAs}: ${error.message}`);
      return undefined;
    }
  }

  /** Copies a result from the remote cache to the store. Its bytes count only if they match their hash. */
  async function bring(
    cache: RemoteCache,
    fingerprint: Fingerprint,
    signal: AbortSignal,
  ): Promise<StoredResult | undefined> {
    const entry = await cache.getEntry(fingerprintHash(fingerprint), signal);
    const index = entry && decodeActionResult(entry)?.find(({ path }) => path === INDEX);
    // Anything larger is not a list of files, and the server could claim any size.
    if (index !== undefined && index.sizeBytes > MAX_RESULT_BYTES) return undefined;
    const bytes = index && (await cache.getBlob(index.sha256, index.sizeBytes, signal));
    const stored = bytes && parseStoredResult(bytes);
    if (stored === undefined || !isSame(stored, fingerprint)) return undefined;
    const whole = await everyAtOnce(blobsOf(stored), TRANSFERS, async ({ sha256, sizeBytes }) => {
      if ((await local.blobs.size(sha256)) === sizeBytes) return true;
      return local.blobs.receive(sha256, (file) => cache.getFile(sha256, sizeBytes, file, signal));
    });
    if (!whole) return undefined;
    await local.write(stored, fingerprint);
    return stored;
  }

  async function bringIfPossible(
    fingerprint: Fingerprint,
    context: SharingContext,
  ): Promise<StoredResult | undefined> {
    try {
      return await withRemote(context, (cache) => bring(cache, fingerprint, context.signal));
    } catch (error) {
      context.signal.throwIfAborted();
      // Its results go to the store first, which may be full or read-only.
      context.warn(
        `the remote cache's result of ${context.step} could not be written to the store: ${describe(error)}`,
      );
      return undefined;
    }
  }

  async function send(
    cache: RemoteCache,
    fingerprint: Fingerprint,
    stored: StoredResult,
    signal: AbortSignal,
  ): Promise<void> {
    const blobs = blobsOf(stored);
    await everyAtOnce(blobs, TRANSFERS, async ({ sha256 }) => {
      await cache.putFile(sha256, local.blobs.path(sha256), signal);
      return true;
    });
    const index = Buffer.from(JSON.stringify(stored));
    const files: OutputFile[] = [
      { path: INDEX, sha256: hashBytes(index), sizeBytes: index.length },
      ...blobs.map((blob) => ({ path: `cas/${blob.sha256}`, ...blob })),
    ];
    await cache.putBlob(hashBytes(index), index, signal);
    // Last, so that everything it lists is there.
    await cache.putEntry(fingerprintHash(fingerprint), encodeActionResult(files), signal);
  }

  return {
    lock: (fingerprint, context) => lockResult(join(lockDir, fingerprintHash(fingerprint)), context),

    async find(fingerprint, context): Promise<FoundResult | undefined> {
      const kept = await local.find(fingerprint);
      const found = kept ?? (await bringIfPossible(fingerprint, context));
      if (found === undefined) return undefined;
      const from = kept === undefined ? (remote?.shownAs ?? '') : 'the store';
      const paths = found.outputs.map(({ path }) => path);
      return { ...found, from, paths, place: () => local.place(found, fingerprint, context.places) };
    },

    async keep(fingerprint, made: MadeResult, context): Promise<void> {
      let stored: StoredResult | undefined;
      try {
        stored = await local.keep(fingerprint, made, context.places);
      } catch (error) {
        // A full or read-only store does not stop a build.
        context.warn(`the result of ${context.step} is not kept in the store: ${describe(error)}`);
        return;
      }
      if (stored === undefined || remote?.mode !== 'read-write') return;
      const whole = stored;
      await withRemote(context, (cache) => send(cache, fingerprint, whole, context.signal));
    },
  };
}

/** Waits for a process that builds the same result, in whatever out directory. */
async function lockResult(lockFile: string, context: SharingContext): Promise<() => void> {
  let reported = false;
  for (;;) {
    context.signal.throwIfAborted();
    try {
      return lockOut(lockFile, context.step);
    } catch (error) {
      if (!(error instanceof KitError)) throw error;
      // Without a lock there is nothing to wait for.
      if (error.code === 'OUT_UNWRITABLE') return () => undefined;
      if (!reported)
        context.note(
          `waiting for another lxc-kit that is building the same step ${ownerIn(error)}`.trimEnd(),
        );
      reported = true;
      await sleep(LOCK_POLL_MS, undefined, { signal: context.signal });
    }
  }
}

function ownerIn({ message }: KitError): string {
  return /\(pid \d+\)/.exec(message)?.[0] ?? '';
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
