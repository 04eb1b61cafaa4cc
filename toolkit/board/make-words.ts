import { nameOrFile, oneLine, textLike } from '../yaml/field-formats.ts';

/** Options of gcc that name a command to run in place of the compiler proper (GCC manual, "Overall Options"). */
const COMMAND_FLAG = /^--?wrapper(?:=|$)/;

/** A compiler flag: any string, passed to the compiler as one argument. */
export const compilerFlag = oneLine.refine((flag) => !COMMAND_FLAG.test(flag), {
  error: 'must be a compiler flag, not a command to run for each compilation',
});

/** Targets of the kernel's makefiles that do not make an image (Linux, top makefile, `help` and `no-dot-config-targets`). */
const NO_IMAGE: readonly RegExp[] = [
  /(?:clean|proper|install|config|-pkg|docs|check)$/,
  /^(?:modules|headers|dtbs|scripts|prepare|kselftest|rust|perf|tools|clang-|arch)/,
  /^(?:all|help|tags|TAGS|cscope|gtags|nsdeps|kernelversion|kernelrelease|image_name|checkstack|headerdep)$/,
  /^(?:outputmakefile|asm-generic|export_report|compile_commands\.json|includecheck|versioncheck)$/,
];

const IMAGE_ERROR = 'must be a make target of the kernel that builds an image, such as vmlinux';

/** The make target of the boot image. */
export const imageTarget = textLike(/^[A-Za-z][\w.-]*$/, IMAGE_ERROR).refine(
  (target) => !NO_IMAGE.some((pattern) => pattern.test(target)),
  { error: IMAGE_ERROR },
);

const BUSYBOX_ERROR = 'must be defconfig or a file';

/** BusyBox's base configuration: a make target that asks no questions, or a file. */
export const busyboxConfig = nameOrFile(BUSYBOX_ERROR).refine(
  (text) => /\/|\.config$|defconfig$|^all(?:no|yes|mod)config$/.test(text),
  { error: BUSYBOX_ERROR },
);
