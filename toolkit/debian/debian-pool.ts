import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hashFile } from '../host/hash-file.ts';
import { runTool } from '../host/run-tool.ts';
import { aptEnvironment, openAptState, outputOfApt } from './apt-state.ts';
import { downloadFile } from '../download/download.ts';
import { hostArchitecture } from './host-architecture.ts';
import { rejectFile } from '../download/reject-file.ts';
import type { SourceContext } from '../download/source-context.ts';
import { keepInStore, withStoreScratch, type StoredFile } from '../download/store.ts';
import { Unavailable } from '../download/unavailable.ts';
import { watchSize } from '../download/watch-size.ts';
import { isWebPage } from '../download/web-page.ts';

/** Apt's own downloader; it uses the host's proxies and the passwords of its mirrors, and does not need root. */
const APT_HELPER = '/usr/lib/apt/apt-helper';
const HELPER_OPTIONS = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=1'];

/**
 * Downloads a pinned file below `pool/` from the first of the host's Debian mirrors that has it.
 * Throws Unavailable, or SOURCE_HASH_MISMATCH.
 */
export async function downloadFromPool(
  poolPath: string,
  sha256: string,
  context: SourceContext,
): Promise<StoredFile> {
  const mirrors = await mirrorsOfHost(context);
  if (mirrors.length === 0) throw new Unavailable('apt knows no mirror on this machine');
  const reasons = new Set<string>();
  for (const mirror of mirrors) {
    try {
      return await downloadFromMirror(mirror, poolPath, sha256, context);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      // Mirrors that fail for the same reason are reported once.
      reasons.add(error.message.replace(/^E: Failed to fetch \S+ /, ''));
    }
  }
  throw new Unavailable([...reasons].join('; '));
}

async function downloadFromMirror(
  mirror: string,
  poolPath: string,
  sha256: string,
  context: SourceContext,
): Promise<StoredFile> {
  const name = basename(poolPath);
  const uri = `${mirror.replace(/\/$/, '')}/${poolPath}`;
  if (!existsSync(APT_HELPER)) return downloadFile({ url: uri, sha256, name }, context);
  return withStoreScratch(context.storeDir, async (dir) => {
    const file = join(dir, name);
    const unwatch = watchSize(dir, { text: name }, context);
    const result = await runTool(
      [APT_HELPER, ...HELPER_OPTIONS, 'download-file', uri, file, `SHA256:${sha256}`],
      {
        cwd: dir,
        env: await aptEnvironment(context),
        logFile: context.logFile,
        signal: context.signal,
        capture: true,
      },
    ).finally(unwatch);
    // apt-helper leaves a file with a wrong hash under this name.
    const bad = `${file}.FAILED`;
    if (existsSync(bad)) {
      if (await isWebPage(bad)) throw new Unavailable(`the mirror sent a web page, not ${name}`);
      const origin = `Debian pool ${poolPath}`;
      throw await rejectFile(context.storeDir, {
        file: bad,
        name,
        origin,
        expected: sha256,
        found: await hashFile(bad),
      });
    }
    outputOfApt(result);
    return keepInStore(context.storeDir, file, sha256, name);
  });
}

/** Base addresses of the mirrors in the host's apt configuration, in its order. */
async function mirrorsOfHost(context: SourceContext): Promise<string[]> {
  const args = ['indextargets', '--format', '$(REPO_URI)'] as const;
  const host = await runTool(['apt-get', ...args], {
    cwd: context.storeDir,
    env: context.env,
    logFile: context.logFile,
    signal: context.signal,
    capture: true,
  });
  const known = uniqueLines(outputOfApt(host));
  if (known.length > 0) return known;
  // Apt lists only targets whose files it has; a new machine or container image has none.
  const apt = await openAptState(context, await hostArchitecture(context));
  if (!(await apt.isFresh())) await apt.refresh();
  return uniqueLines(await apt.run(args, apt.dir));
}

function uniqueLines(text: string): string[] {
  return [...new Set(text.split('\n').filter((line) => line !== ''))];
}
