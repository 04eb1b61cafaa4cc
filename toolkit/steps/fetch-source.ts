import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { redactUrls } from '../base/redact-urls.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { catalog, type ComponentName } from '../sources/catalog.ts';
import type { ResolvedSource, SourceRequest } from '../sources/resolve-source.ts';
import { pathIdentity } from '../sources/path-identity.ts';
import type { SourceSpec } from '../sources/source-spec.ts';
import type { UnpackContext } from '../sources/unpack.ts';
import { asSetting, sourceContext, type Build } from './build.ts';

/** Finds and downloads the source of one component: the first of its candidates that can be had. */
export function fetchSource(
  build: Build,
  component: ComponentName,
  unlessPrebuilt?: Step<ResolvedSource | undefined>,
): Step<ResolvedSource | undefined> {
  const request = sourceRequest(build, component);
  const skipped = (view: { result<T>(step: Step<T>): T }): boolean =>
    unlessPrebuilt !== undefined && view.result(unlessPrebuilt)?.form === 'debs';
  return {
    id: `fetch-${component}`,
    title: () => `Fetching the source of ${component}`,
    needs: unlessPrebuilt === undefined ? [] : [unlessPrebuilt],
    revision: 1,
    weight: 'light',
    inputs(view) {
      if (skipped(view)) return { settings: { needed: false } };
      const described = request.candidates.map((candidate) =>
        'path' in candidate ? describePath(candidate.path) : withoutLogin(candidate),
      );
      return {
        settings: { candidates: asSetting(described), update: build.update ? String(Date.now()) : null },
      };
    },
    outputs: (resolved) =>
      (resolved?.files ?? []).map(({ file }) => ({ path: file, check: 'stat' as const })),
    async run(context) {
      if (skipped(context)) {
        context.emit({
          type: 'note',
          step: this.id,
          message: `${component} is not needed: LXC comes prebuilt`,
        });
        return undefined;
      }
      const { resolveSource } = await import('../sources/resolve-source.ts');
      const resolved = await resolveSource(request, sourceContext(build, context));
      context.emit({ type: 'note', step: this.id, message: describeSource(resolved) });
      return resolved;
    },
  };
}

/** Where the source of one component may come from: what the command line says, or the profile, or the catalog. */
function sourceRequest(build: Build, component: ComponentName): SourceRequest {
  const override = build.overrides.get(component);
  const { candidates, prebuilt } = catalog[component];
  return {
    component,
    candidates:
      override === undefined ? (build.loaded.profile[component].sources ?? candidates) : [{ path: override }],
    ...(prebuilt === undefined ? {} : { prebuilt }),
  };
}

/** What it takes to unpack a component's source inside a step. */
export function unpackContext(
  build: Build,
  context: Pick<StepContext, 'workDir' | 'emit' | 'logFile' | 'signal'>,
  component: ComponentName,
): UnpackContext {
  const found = sourceContext(build, context);
  return {
    ...found,
    async retake() {
      const { resolveSource } = await import('../sources/resolve-source.ts');
      return resolveSource(sourceRequest(build, component), { ...found, update: false });
    },
  };
}

/** A tarball is copied into the store, so where it lies does not count; a tree is compiled where it lies. */
function describePath(path: string): { path: string; identity: string } {
  const identity = pathIdentity(path);
  return { path: identity.startsWith('file ') ? basename(path) : path, identity };
}

/** The stamp of a step is for everybody to read, and another password makes no other source. */
function withoutLogin(spec: SourceSpec): SourceSpec {
  return 'url' in spec ? { ...spec, url: redactUrls(spec.url) } : spec;
}

/** Where a source came from, in a line. */
export function describeSource(source: ResolvedSource): string {
  const version = source.version === undefined ? '' : ` ${source.version}`;
  const form =
    source.form === 'debs'
      ? `, prebuilt: ${source.files.length} Debian packages, nothing of it is compiled here`
      : '';
  return `${source.component}${version} from ${source.origin}${form}`;
}

/** The source of a component that is needed for sure. */
export function sourceOf(
  view: { result<T>(step: Step<T>): T },
  step: Step<ResolvedSource | undefined>,
): ResolvedSource {
  const source = view.result(step);
  if (source === undefined) throw new Error(`${step.id} was skipped, but its source is needed`);
  return source;
}

/** True when a path exists; for callers that only need to know. */
export async function pathExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
