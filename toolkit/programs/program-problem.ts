/** A reason why a program does not run. */
export type ProgramProblem =
  | {
      readonly kind: 'interpreter';
      /** The script. */
      readonly of: string;
      readonly interpreter: string;
    }
  /** `#!/bin/sh` followed by a carriage return. */
  | { readonly kind: 'line-end'; readonly of: string; readonly interpreter: string }
  /** `#!/usr/bin/env PROGRAM`: the kernel passes everything that follows as one word. */
  | { readonly kind: 'env'; readonly of: string; readonly program: string; readonly dirs: readonly string[] }
  | { readonly kind: 'linker'; readonly of: string; readonly linker: string }
  | { readonly kind: 'not-executable'; readonly of: string; readonly needs: string; readonly mode: number }
  /** A program, or one of its libraries, is in a mount with `noexec`. */
  | { readonly kind: 'noexec'; readonly of: string; readonly file: string; readonly mount: string }
  | {
      readonly kind: 'library';
      readonly of: string;
      readonly library: string;
      readonly searched: readonly string[];
      /** The directory with the library, which is searched only with ldconfig's cache. */
      readonly onlyInCache: string | undefined;
    }
  /** $ORIGIN in a program of a container without /proc. */
  | { readonly kind: 'origin'; readonly of: string; readonly library: string; readonly runPath: string }
  | {
      readonly kind: 'version';
      readonly of: string;
      readonly library: string;
      readonly file: string;
      readonly version: string;
      readonly has: readonly string[];
    }
  | {
      readonly kind: 'link-trait';
      readonly of: string;
      readonly file: string;
      readonly trait: string;
      readonly own: string;
      readonly other: string;
    };
