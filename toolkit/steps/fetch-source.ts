import type { Step } from '../engine/step.ts';
import type { ComponentName } from '../sources/catalog.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { openSource } from '../sources/source-kinds.ts';
import { describeSource, sourceRequest } from '../opened-board/component-source.ts';
import { asSetting, sourceContext, type Build } from '../opened-board/build.ts';

/** Finds and downloads the source of one component: the first candidate that is available. */
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
      const described = request.candidates.map((candidate) => openSource(candidate).settings());
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
          message: `${component} is not needed: LXC is prebuilt`,
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
