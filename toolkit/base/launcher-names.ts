/** What a profile may call the launcher of its compiler calls; `toolchain/launchers.ts` says what each does. */
export const LAUNCHER_NAMES = ['ccache', 'sccache', 'distcc', 'icecc'] as const;

export type LauncherName = (typeof LAUNCHER_NAMES)[number];
