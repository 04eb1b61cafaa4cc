import type { Quirk } from './recipe.ts';

/** Everything after the first file of a list in a Makefile.am, to the end of the list. */
const REST_OF_LIST = ' \\\\\\n(?:.*\\\\\\n)*.*\\n';

/**
 * Added to the condition on which LXC skips a system call: not one of the numbers from -101 to -224, by which libseccomp
 * knows calls that this kernel also has as parts of socketcall and ipc (seccomp-syscalls.h of libseccomp). On other
 * architectures these numbers are of no use.
 */
const NOT_MULTIPLEXED = 'nr <= -1000 || seccomp_syscall_resolve_name("socket") >= 0';

/** Changes that releases need in addition to their options, each with its reason. To add one, add a row. */
export const quirks: readonly Quirk[] = [
  {
    releases: [{ until: '1.0.9' }, { since: '1.1.0', until: '1.1.99' }, { since: '2.0.0', until: '2.0.6' }],
    reason:
      'glibc 2.28 removed major, minor and makedev from sys/types.h; a header included this early hides _GNU_SOURCE of config.h',
    upstream: '1.0.10, 2.0.7: commit 1750a260208b',
    cflags: ['-D_GNU_SOURCE', '-include', 'sys/sysmacros.h'],
  },
  {
    releases: [{ since: '4.0.9', until: '4.0.99' }],
    reason: 'its own mount_setattr has a different parameter than that of glibc 2.36, which configure finds',
    cflags: ['-Wno-incompatible-pointer-types'],
  },
  {
    releases: [
      { since: '3.0.4', until: '3.0.99' },
      { since: '3.2.0', until: '4.0.10' },
    ],
    reason:
      'configure tests printf with %m by running it, which fails when cross-compiling; each error message then calls strerror_r',
    cflags: ['-DHAVE_M_FORMAT=1'],
  },
  {
    releases: [{ since: '3.0.1', until: '4.0.6' }],
    reason:
      'lxc-user-nic and lxc-usernsexec compile and contain parts of liblxc, with which they are linked anyway',
    edits: [
      {
        file: 'src/lxc/Makefile.am',
        from: { pattern: `^(lxc_\\w+_SOURCES = cmd/\\w+\\.c)${REST_OF_LIST}` },
        to: '$1\n',
      },
    ],
  },
  {
    releases: [{ since: '4.0.4', until: '4.0.6' }],
    reason: 'each tool compiles and contains all of liblxc',
    upstream: '6.0.0: commit 86799f554224, for meson',
    edits: [
      {
        file: 'src/lxc/Makefile.am',
        from: {
          pattern: `^(lxc_\\w+_SOURCES = tools/\\w+\\.c \\\\\\n\\s+tools/arguments\\.c tools/arguments\\.h)${REST_OF_LIST}`,
        },
        to: '$1\n',
      },
    ],
  },
  {
    releases: [{ since: '4.0.4', until: '4.0.99' }],
    reason: 'each tool compiles and contains all of liblxc (20 MB instead of 1.5 MB)',
    upstream: '6.0.0: commit 86799f554224, for meson',
    // Gives the tools the library's internal functions.
    cflags: ['-D__hidden='],
    edits: [
      {
        file: 'src/lxc/Makefile.am',
        // The files that a tool adds to its own, unless it is the library of a static build.
        from: { pattern: '^lxc_\\w+_SOURCES \\+= (?!\\$\\()(?:.*\\\\\\n)*.*\\n' },
        to: '',
      },
    ],
  },
  {
    releases: [{ until: '2.1.99' }],
    feature: 'seccomp',
    reason:
      'it skips the calls of sockets and System V IPC in seccomp profiles of 32-bit MIPS, so that an allow list forbids them',
    edits: [
      { file: 'src/lxc/seccomp.c', from: 'if (nr < 0) {', to: `if (nr < 0 && (${NOT_MULTIPLEXED})) {` },
    ],
  },
  {
    releases: [{ since: '3.0.0' }],
    feature: 'seccomp',
    reason:
      'it skips the calls of sockets and System V IPC in seccomp profiles of 32-bit MIPS, so that an allow list forbids them',
    edits: [
      {
        file: 'src/lxc/seccomp.c',
        from: { pattern: 'if \\(nr < 0( && arch == SCMP_ARCH_NATIVE)?\\) \\{' },
        // libseccomp cannot filter the arguments of such a call.
        to: `if (nr < 0$1 && (rule->args_num > 0 || ${NOT_MULTIPLEXED})) {`,
      },
    ],
  },
  {
    releases: [{}],
    feature: 'seccomp',
    reason: 'at level INFO each line of a seccomp profile fills two or three lines of the log of each start',
    edits: [
      {
        file: 'src/lxc/seccomp.c',
        from: {
          pattern:
            '(?:INFO|WARN)\\("(?=[Pp]rocessing|Add(?:ed|ing) |arg_cmp|The syscall|This syscall|Seccomp: |Failed to resolve|Got negative)',
        },
        to: 'TRACE("',
      },
    ],
  },
  {
    releases: [{ since: '5.0.0' }],
    reason: "it links with gold if the build host has one for the board, and gold's tables are 20 kB larger",
    edits: [
      {
        file: 'meson.build',
        from: "    possible_link_flags += '-Wl,-fuse-ld=gold'",
        to: '    possible_link_flags += []',
      },
    ],
  },
  {
    releases: [{ since: '5.0.0', until: '5.0.99' }],
    reason: 'each tool compiles and contains all of liblxc (24 MB instead of 0.9 MB)',
    upstream: '6.0.0: commit 86799f554224',
    edits: [
      {
        file: 'src/lxc/tools/meson.build',
        from: 'tools_common_sources = liblxc_sources + files(',
        to: 'tools_common_sources = files(',
      },
      {
        file: 'src/lxc/cmd/meson.build',
        from: 'cmd_common_sources = liblxc_sources + include_sources',
        to: 'cmd_common_sources = include_sources',
      },
    ],
  },
  {
    releases: [{ since: '5.0.0' }],
    reason:
      'the combined program of all tools contains all of liblxc, and two others need a liblxc.so beside it; linked with only what it uses, as code for a fixed address, it has half the size of both',
    cflags: ['-fno-pie'],
    ldflags: ['-no-pie'],
    edits: [
      {
        file: 'meson.build',
        from: { pattern: '^liblxc = shared_library\\(\\n(?:    .*\\n)*?    install: true\\)$' },
        to: 'liblxc = liblxc_static',
      },
    ],
  },
  {
    releases: [{ since: '6.0.0' }],
    reason: 'the programs are linked with all of liblxc, or compile it again, instead of only what they use',
    edits: [
      {
        file: 'src/lxc/tools/meson.build',
        from: { pattern: '^        link_whole: \\[liblxc_static\\],$' },
        to: '        link_with: [liblxc_static],',
      },
      {
        file: 'src/lxc/cmd/meson.build',
        from: 'cmd_common_sources = liblxc_ext_sources + include_sources',
        to: 'cmd_common_sources = include_sources',
      },
    ],
  },
];
