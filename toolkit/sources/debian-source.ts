import { z } from 'zod';
import { textLike } from '../yaml/field-formats.ts';
import type { SourceKind } from './source-kind.ts';

interface DebianSpec {
  readonly debian: string;
}

/** A Debian package, through the host's apt configuration. */
export const debianSource: SourceKind<DebianSpec> = {
  key: 'debian',
  form: '{ debian }',
  schema: z.strictObject({
    debian: textLike(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package').describe(
      "A Debian package, through the host's apt configuration",
    ),
  }),
  open: ({ debian: name }) => ({
    description: `Debian package ${name}`,
    // linux-source-6.1 has its series in its name; only apt knows the version of "lxc".
    statedVersion: /^linux-source-(\d+\.\d+)$/.exec(name)?.[1],
    mayBePrebuilt: true,
    settings: () => ({ debian: name }),
    async take(wanted, context) {
      const { takeDebian } = await import('./take-debian.ts');
      return takeDebian(name, wanted, context);
    },
  }),
};
