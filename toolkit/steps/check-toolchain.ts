import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../engine/step.ts';
import { findProgram } from '../host/find-program.ts';
import { probeToolchain, type Toolchain } from '../toolchain/probe-toolchain.ts';
import type { Build } from '../opened-board/build.ts';

/** Finds the cross compiler and reads its version and target. */
export function checkToolchain(build: Build): Step<Toolchain> {
  const { prefix, directory, cflags } = build.loaded.profile.toolchain;
  return {
    id: 'check-toolchain',
    title: () => `Checking the cross compiler ${prefix}gcc`,
    needs: [],
    revision: 1,
    weight: 'light',
    inputs() {
      const path = build.env['PATH'] ?? '';
      const compiler = findProgram(
        directory === undefined ? `${prefix}gcc` : join(directory, `${prefix}gcc`),
        path,
      );
      return {
        settings: {
          prefix,
          // Later steps call the compiler from there.
          directory: directory ?? null,
          cflags,
          compiler: compiler === undefined ? null : programState(compiler),
        },
      };
    },
    outputs: () => [],
    run: (context) =>
      probeToolchain({
        prefix,
        directory,
        cflags,
        architecture: build.architecture,
        env: build.env,
        signal: context.signal,
      }),
  };
}

/** Identifies one build of a program without running it. */
function programState(file: string): string {
  const { size, mtimeMs } = statSync(realpathSync(file));
  return `${size} ${mtimeMs}`;
}
