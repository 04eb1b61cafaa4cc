import type { SourceRequest } from './source-request.ts';
import { KitError } from '../base/errors.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { nameOfUrl } from '../download/download.ts';
import { recordedSource, writeRecord } from './recorded-source.ts';
import type { SourceContext } from '../download/source-context.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { redactUrls } from '../base/redact-urls.ts';
import { openSource } from './source-kinds.ts';
import { writeFailure } from '../download/store.ts';
import { Unavailable } from '../download/unavailable.ts';

export { recordedSource };

/**
 * Finds a component's source: the one that an earlier run took, otherwise the first available candidate.
 * Throws SOURCE_UNAVAILABLE with every try and its reason, SOURCE_HASH_MISMATCH, or the error of `writeFailure` when
 * the store is not writable.
 */
export async function resolveSource(request: SourceRequest, context: SourceContext): Promise<ResolvedSource> {
  try {
    makeDirs(context.storeDir);
    return await takeFirst(request, context);
  } catch (error) {
    context.signal.throwIfAborted();
    throw writeFailure(context.storeDir, error);
  }
}

async function takeFirst(request: SourceRequest, context: SourceContext): Promise<ResolvedSource> {
  const recorded = context.update === true ? undefined : await recordedSource(request, context.storeDir);
  if (recorded !== undefined) return recorded;
  const tries: string[] = [];
  for (const spec of request.candidates) {
    context.signal.throwIfAborted();
    const candidate = openSource(spec);
    try {
      const resolved = await candidate.take(request, context);
      await writeRecord(request, spec, resolved, context.storeDir);
      reportChoice(request, resolved, tries, context);
      return resolved;
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof Unavailable)) throw error;
      tries.push(`${candidate.description}: ${error.message}`);
    }
  }
  throw noneIsAvailable(request, tries, context);
}

/** Reports a fallback: the build does not use the first candidate. */
function reportChoice(
  request: SourceRequest,
  resolved: ResolvedSource,
  tries: readonly string[],
  context: SourceContext,
): void {
  const { emit, step } = context;
  for (const failed of tries)
    emit({ type: 'note', step, message: `${request.component}: not from ${failed}` });
  if (resolved.form !== 'debs' || request.prebuilt?.only === true) return;
  const message = `${request.component} is not compiled here: it is Debian's own, from ${resolved.origin}`;
  emit({ type: 'warning', step, message });
}

function noneIsAvailable(request: SourceRequest, tries: readonly string[], context: SourceContext): KitError {
  const { component } = request;
  const count =
    tries.length === 1
      ? 'its only source is not available'
      : `none of its ${tries.length} sources is available`;
  return new KitError('SOURCE_UNAVAILABLE', `${component}: ${count}`, {
    lines: tries,
    hint: context.offline
      ? `run: npx lxc-kit fetch --board ${context.board ?? 'NAME'}`
      : howToGiveOne(request),
  });
}

/** Names a suitable file if a candidate has a URL, since another machine may reach it. */
function howToGiveOne({ component, candidates }: SourceRequest): string {
  const url = candidates.flatMap((spec) => openSource(spec).url ?? [])[0];
  const example = url === undefined ? '' : ` (for example ${nameOfUrl(url)} of ${redactUrls(url)})`;
  return `give your own tarball or directory: --source ${component}=PATH${example}`;
}
