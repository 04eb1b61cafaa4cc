import { basename } from 'node:path';
import { z } from 'zod';
import { redactUrls } from '../base/redact-urls.ts';
import { textLike } from '../yaml/field-formats.ts';
import { sha256, version } from './source-fields.ts';
import type { SourceKind } from './source-kind.ts';

interface UrlSpec {
  readonly version?: string | undefined;
  readonly url: string;
  readonly sha256: string;
}

/** A file of an upstream server, pinned by its sha256. */
export const urlSource: SourceKind<UrlSpec> = {
  key: 'url',
  form: '{ version, url, sha256 }',
  schema: z.strictObject({
    version,
    url: textLike(/^https?:\/\/[^\s/]+\/\S*$/, 'must be an http or https address').describe(
      'The http or https address of a tarball',
    ),
    sha256,
  }),
  open: (spec) => ({
    description: redactUrls(spec.url),
    statedVersion: spec.version,
    fileName: basename(spec.url),
    url: spec.url,
    settings: () => ({ ...spec, url: redactUrls(spec.url) }),
    async take({ component }, context) {
      const { nameOfUrl, downloadFile } = await import('../download/download.ts');
      const { takeFile } = await import('./take-file.ts');
      const name = nameOfUrl(spec.url);
      return takeFile(component, context, {
        ...spec,
        kind: 'url',
        name,
        origin: redactUrls(spec.url),
        download: () => downloadFile({ url: spec.url, sha256: spec.sha256, name }, context),
      });
    },
  }),
};
