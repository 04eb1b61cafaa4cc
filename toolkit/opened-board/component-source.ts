import type { Json, Step, StepContext } from '../engine/step.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { catalog, type ComponentName } from '../sources/catalog.ts';
import type { SourceRequest } from '../sources/source-request.ts';
import type { SourceContext } from '../download/source-context.ts';
import { correctionsFor } from '../sources/corrections.ts';
import type { MadeCorrection } from '../sources/corrected-tree.ts';
import type { UnpackContext } from '../unpack/unpack.ts';
import { asSetting, sourceContext, stepOfLog, type Build } from './build.ts';

/** Returns the places of a component's source, from the command line, the profile or the catalog. */
export function sourceRequest(build: Build, component: ComponentName): SourceRequest {
  const override = build.overrides.get(component);
  const { candidates, prebuilt } = catalog[component];
  return {
    component,
    candidates:
      override === undefined ? (build.loaded.profile[component].sources ?? candidates) : [{ path: override }],
    ...(prebuilt === undefined ? {} : { prebuilt: { ...prebuilt, port: build.architecture.debian.port } }),
  };
}

/** Returns the context for unpacking a component's source inside a step. */
export function unpackContext(
  build: Build,
  context: Pick<StepContext, 'workDir' | 'emit' | 'logFile' | 'signal'>,
  component: ComponentName,
): UnpackContext & SourceContext {
  const found = sourceContext(build, context);
  return {
    ...found,
    async retake() {
      const { resolveSource } = await import('../sources/resolve-source.ts');
      return resolveSource(sourceRequest(build, component), { ...found, update: false });
    },
  };
}

/** The setting of a step that depends on the corrections of a source; none when its release has no corrections. */
export function correctionSettings({ component, version }: ResolvedSource): {
  readonly corrections?: Json;
} {
  const wanted = correctionsFor(component, version);
  return wanted.length === 0 ? {} : { corrections: asSetting(wanted) };
}

/** Says what was corrected in a source, a note each. */
export function noteCorrections(
  { component, version = '' }: ResolvedSource,
  made: readonly MadeCorrection[],
  context: Pick<StepContext, 'logFile' | 'emit'>,
): void {
  for (const { file, reason, upstream } of made) {
    const message = `${file} of ${component} ${version} is corrected: ${reason} (${upstream})`;
    context.emit({ type: 'note', step: stepOfLog(context), message });
  }
}

/** Describes the origin of a source in one line. */
export function describeSource(source: ResolvedSource): string {
  const version = source.version === undefined ? '' : ` ${source.version}`;
  const form =
    source.form === 'debs' ? `, prebuilt: ${source.files.length} Debian packages, not compiled here` : '';
  return `${source.component}${version} from ${source.origin}${form}`;
}

/** Returns the source of a component that is certainly needed. */
export function sourceOf(
  view: { result<T>(step: Step<T>): T },
  step: Step<ResolvedSource | undefined>,
): ResolvedSource {
  const source = view.result(step);
  if (source === undefined) throw new Error(`${step.id} was skipped, but its source is needed`);
  return source;
}
