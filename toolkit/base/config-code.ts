/**
 * The string values of a .config are plain text to conf, but the build writes them to include/config/auto.conf, which
 * makefiles include and which scripts such as setlocalversion and link-vmlinux.sh read as shell
 * (scripts/kconfig/confdata.c escapes only quotes and backslashes there).
 */
interface Rule {
  /** The symbols that the rule is for; all symbols without it. */
  readonly symbols?: RegExp;
  readonly pattern: RegExp;
  readonly because: string;
}

const RULES: readonly Rule[] = [
  {
    pattern: /`|\$[({]/,
    because: 'makefiles and scripts of the build expand it',
  },
  {
    // Makefile.flags of BusyBox; usr/Makefile, scripts/Makefile.dtbs, drivers/base/firmware_loader/builtin/Makefile,
    // scripts/adjust_autoksyms.sh and the top makefile (KERNELRELEASE) of Linux: recipes use these without quotes.
    symbols:
      /^CONFIG_(?:CROSS_COMPILE|CROSS_COMPILER_PREFIX|SYSROOT|PREFIX|EXTRA_(?:C|CPP|A|LD)FLAGS|EXTRA_LDLIBS|INITRAMFS_SOURCE|LOCALVERSION|EXTRA_FIRMWARE(?:_DIR)?|BUILTIN_DTB(?:_NAME|_SOURCE)?|UNUSED_KSYMS_WHITELIST)$/,
    pattern: /[;&|<>()]/,
    because: 'makefiles of the build put the value into a command',
  },
];

/** A part of a value that would run as code on the build host. */
export interface ConfigCode {
  readonly code: string;
  readonly because: string;
}

/**
 * The part of a symbol's value that a makefile or a script of the kernel or BusyBox would run; undefined when none.
 * `symbol` has its prefix, `value` is written as in a .config; a string may lack its quotes.
 */
export function codeInValue(symbol: string, value: string): ConfigCode | undefined {
  // conf reads every backslash as an escape, so `$\(` is `$(` to the makefiles.
  const text = value.replaceAll(/\\(.)/gs, '$1');
  for (const { symbols, pattern, because } of RULES) {
    if (symbols?.test(symbol) === false) continue;
    const [code] = pattern.exec(text) ?? [];
    if (code !== undefined) return { code, because };
  }
  return undefined;
}
