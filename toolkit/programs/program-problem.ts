/** What keeps a program from running. */
export type ProgramProblem =
  | {
      readonly kind: 'interpreter';
      /** The script. */
      readonly of: string;
      readonly interpreter: string;
    }
  /** `#!/bin/sh` with a carriage return behind it. */
  | { readonly kind: 'line-end'; readonly of: string; readonly interpreter: string }
  /** `#!/usr/bin/env PROGRAM`: the kernel hands over all that follows as one word. */
  | { readonly kind: 'env'; readonly of: string; readonly program: string; readonly dirs: readonly string[] }
  | { readonly kind: 'linker'; readonly of: string; readonly linker: string }
  | { readonly kind: 'not-executable'; readonly of: string; readonly needs: string; readonly mode: number }
  /** A program, or a library of it, lies in a mount with `noexec`. */
  | { readonly kind: 'noexec'; readonly of: string; readonly file: string; readonly mount: string }
  | {
      readonly kind: 'library';
      readonly of: string;
      readonly library: string;
      readonly searched: readonly string[];
      /** A directory that only ldconfig's cache would bring, and the library is there. */
      readonly onlyInCache: string | undefined;
    }
  /** $ORIGIN in a program, where the container has no /proc. */
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
