/** The names of compiler launchers in a profile; `toolchain/launchers.ts` describes each. */
export const LAUNCHER_NAMES = ['ccache', 'sccache', 'distcc', 'icecc'] as const;

export type LauncherName = (typeof LAUNCHER_NAMES)[number];
