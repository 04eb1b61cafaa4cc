import type { SourceRequest } from './source-request.ts';
import { basename } from 'node:path';
import { KitError } from '../base/errors.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { downloadPackage } from '../debian/apt-package.ts';
import { openAptState } from '../debian/apt-state.ts';
import { asTarball } from '../unpack/deb.ts';
import { downloadFromPool } from '../debian/debian-pool.ts';
import { downloadFile, nameOfUrl } from '../download/download.ts';
import { hostArchitecture } from '../debian/host-architecture.ts';
import { takePrebuilt } from '../debian/prebuilt.ts';
import { recordedSource, writeRecord } from './recorded-source.ts';
import type { SourceContext } from '../download/source-context.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { redactUrls } from '../base/redact-urls.ts';
import { describeSpec, type SourceSpec } from './source-spec.ts';
import { storedFile, writeFailure } from '../download/store.ts';
import { takePath } from './take-path.ts';
import { Unavailable } from '../download/unavailable.ts';
import { debianUpstreamVersion, versionFromName } from '../download/version-from-name.ts';

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
    try {
      const resolved = await takeCandidate(request, spec, context);
      await writeRecord(request, spec, resolved, context.storeDir);
      reportChoice(request, resolved, tries, context);
      return resolved;
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof Unavailable)) throw error;
      tries.push(`${describeSpec(spec)}: ${error.message}`);
    }
  }
  throw noneIsAvailable(request, tries, context);
}

async function takeCandidate(
  request: SourceRequest,
  spec: SourceSpec,
  context: SourceContext,
): Promise<ResolvedSource> {
  if ('path' in spec) return takePath(request.component, spec, context);
  if ('debian' in spec) return takeDebian(request, spec.debian, context);
  const isUrl = 'url' in spec;
  const name = isUrl ? nameOfUrl(spec.url) : basename(spec['debian-pool']);
  const kept = await storedFile(context.storeDir, spec.sha256, name);
  if (kept === undefined && context.offline)
    throw new Unavailable(`${name} is not in the store, and --offline was given`);
  const file =
    kept ??
    (isUrl
      ? await downloadFile({ url: spec.url, sha256: spec.sha256, name }, context)
      : await downloadFromPool(spec['debian-pool'], spec.sha256, context));
  const tarball = await asTarball(file, context);
  return {
    component: request.component,
    kind: isUrl ? 'url' : 'debian-pool',
    form: 'tarball',
    version: spec.version ?? versionFromName(name),
    origin: isUrl ? redactUrls(spec.url) : `Debian pool ${spec['debian-pool']}`,
    sha256: tarball.sha256,
    files: [tarball],
  };
}

async function takeDebian(
  request: SourceRequest,
  name: string,
  context: SourceContext,
): Promise<ResolvedSource> {
  if (context.offline) throw new Unavailable('it has not been fetched yet, and --offline was given');
  const { component, prebuilt } = request;
  if (prebuilt !== undefined) return takePrebuilt(component, name, prebuilt, context);
  const apt = await openAptState(context, await hostArchitecture(context));
  const { version, deb } = await downloadPackage(name, apt, context);
  const tarball = await asTarball(deb, context);
  return {
    component,
    kind: 'debian',
    form: 'tarball',
    version: debianUpstreamVersion(version),
    origin: `Debian package ${name} ${version}`,
    sha256: tarball.sha256,
    files: [tarball],
  };
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
  const url = candidates.flatMap((spec) => ('url' in spec ? [spec.url] : []))[0];
  const example = url === undefined ? '' : ` (for example ${nameOfUrl(url)} of ${redactUrls(url)})`;
  return `give your own tarball or directory: --source ${component}=PATH${example}`;
}
