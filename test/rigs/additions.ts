/** A change to one file of lxc-kit; without `before` the file is new. */
interface Change {
  readonly file: string;
  /** The text in front of which `text` goes, the first time that it occurs. */
  readonly before?: string;
  readonly text: string;
}

/** One thing added to lxc-kit, as CONTRIBUTING says. */
export interface Addition {
  /** The words of CONTRIBUTING's table: "an architecture". */
  readonly what: string;
  readonly changes: readonly Change[];
}

/** Made-up things, one of each. All are named after `pretend`, so that a test can find them in what is printed. */
export const additions: readonly Addition[] = [
  {
    what: 'an architecture',
    changes: [
      {
        file: 'toolkit/toolchain/architectures.ts',
        before: '} as const satisfies Record<string, Architecture>;',
        text: `  pretend: {
    description: 'A made-up architecture',
    kernelArch: 'mips',
    elf: { bits: 32, littleEndian: true, machine: 8 },
    meson: { cpuFamily: 'mips', cpu: 'mips32r2', endian: 'little' },
    debian: { port: { arch: 'mipsel' }, toolchainPrefix: 'mipsel-linux-gnu-', toolchain: [] },
    kernelImage: 'vmlinux',
    machine: 'pretend-machine',
    libraryDirs: ['/lib', '/usr/lib'],
    sizeFlags: [],
    sizeLinkerFlags: [],
    uselessSections: [],
    systemCalls: { enosys: 38, tiocsti: 0x5412, multiplexed: false },
    mesonOptions: [],
    busyboxFragment: 'arch-pretend',
    programTraits: mipsTraits,
    linkTraits: mipsLinkTraits,
    kernelNeeds: [{ symbols: ['PRETEND_CPU'], reason: 'a need of the made-up architecture', wanted: true }],
  },
`,
      },
      {
        file: 'busybox-config/arch-pretend.config',
        text: '# CONFIG_SHA1_HWACCEL is not set\n# CONFIG_SHA256_HWACCEL is not set\n',
      },
    ],
  },
  {
    what: 'a QEMU machine',
    changes: [
      {
        file: 'toolkit/emulator/machines.ts',
        before: '} as const satisfies Record<string, Machine>;',
        text: `  'pretend-machine': {
    name: 'pretend-board',
    programs: { pretend: { program: 'qemu-system-mipsel', debianPackage: 'qemu-system-pretend' } },
    cpu: 'pretend-cpu',
    memory: '64M',
    kernelImage: 'vmlinux',
    fragment: 'pretend-machine',
    machineOptions: [],
    consoleDevice: 'ttyS0',
    commandPort: { name: 'ttyS1', major: 4, minor: 65, options: ['-serial', 'chardev:commands'], needs8250Ports: 2 },
    disk: { device: 'virtio-blk-pci', rootDevice: '/dev/vda' },
    network: { none: ['-net', 'none'], device: 'virtio-net-pci' },
    randomDevice: 'virtio-rng-pci',
    defconfigPrefix: 'pretend',
    symbols: { always: [], initramfs: [], disk: [], network: [] },
    prerequisites: [],
  },
`,
      },
      { file: 'kconfig-fragments/pretend-machine.config', text: 'CONFIG_DUMMY=y\n' },
    ],
  },
  {
    what: 'an image format',
    changes: [
      {
        file: 'toolkit/images/formats.ts',
        before: '} as const satisfies Record<string, ImageFormatDefinition>;',
        text: `  pretend: {
    fileName: 'rootfs.pretend',
    hostTools: [],
    kernelNeeds: [],
    parameters: z.strictObject({ size: imageSize }),
    write: async (request) => (await import('./pretend.ts')).writePretend(request),
  },
`,
      },
      {
        file: 'toolkit/images/pretend.ts',
        text: `import { writeFile } from 'node:fs/promises';
import type { ImageRequest } from './image-request.ts';
import { replaceFile } from './replace-file.ts';

/** Writes the paths of a root filesystem, and the size that the profile asks for. */
export function writePretend({ manifest, file, signal, parameters }: ImageRequest): Promise<void> {
  const lines = [\`size \${parameters?.size ?? 'as needed'}\`, ...manifest.entries.map(({ path }) => path)];
  return replaceFile(file, signal, (temporary) => writeFile(temporary, lines.join('\\n')));
}
`,
      },
    ],
  },
  {
    what: 'a kind of source',
    changes: [
      {
        file: 'toolkit/sources/source-kinds.ts',
        before: '/** The kinds of sources',
        text: "import { pretendSource } from './pretend-source.ts';\n\n",
      },
      { file: 'toolkit/sources/source-kinds.ts', before: 'urlSource, debianSource', text: 'pretendSource, ' },
      {
        file: 'toolkit/sources/pretend-source.ts',
        text: `import { z } from 'zod';
import { hostPath } from '../yaml/field-formats.ts';
import type { SourceKind } from './source-kind.ts';

/** A directory that another program keeps up to date. */
export const pretendSource: SourceKind<{ readonly pretend: string }> = {
  key: 'pretend',
  form: '{ pretend: DIR }',
  schema: z.strictObject({ pretend: hostPath.describe('A directory that another program keeps up to date') }),
  onHost: true,
  open: ({ pretend }) => ({
    description: \`pretend \${pretend}\`,
    settings: () => ({ pretend }),
    async take({ component }, context) {
      const { takePath } = await import('./take-path.ts');
      return takePath(component, { path: pretend }, context);
    },
  }),
};
`,
      },
    ],
  },
  {
    what: 'content for a root filesystem',
    changes: [
      {
        file: 'toolkit/rootfs/content-kinds.ts',
        before: '/** The kinds of content',
        text: `const pretend: ContentKind<{ readonly pretend: string }> = {
  key: 'pretend',
  form: '{ pretend: DIR }',
  schema: z.strictObject({ pretend: hostPath.describe('A directory that stands for something else') }),
  onHost: 'directory',
  open: ({ pretend: path }) => ({
    path,
    list: (label) => listTree(path, label),
    read: async (...where) => (await import('./read-directory.ts')).readDirectory(path, ...where),
  }),
};

`,
      },
      { file: 'toolkit/rootfs/content-kinds.ts', before: 'tar, directory] as const', text: 'pretend, ' },
    ],
  },
  {
    what: 'a series of LXC',
    changes: [
      {
        file: 'toolkit/lxc/recipes.ts',
        before: '];\n\n/**\n * For size',
        text: "  { series: '9.0', buildSystem: 'meson' },\n",
      },
      {
        file: 'toolkit/lxc-keys/lxc-keys.ts',
        before: "  { key: 'lxc.utsname',",
        text: "  { key: 'lxc.pretend', type: 'string', since: '9.0.0' },\n",
      },
      {
        file: 'toolkit/cgroups/lxc-compatibility.ts',
        before: '];\n\nconst SINCE_7',
        text: `  {
    name: '9.0',
    since: '9.0.0',
    until: '9.0.0',
    layouts: { v2: V2, v1: V1_DROPPED, 'v1-single': V1_DROPPED },
    findsHierarchies: 'by-name',
  },
`,
      },
    ],
  },
  {
    what: 'a kernel or BusyBox fragment',
    changes: [{ file: 'kconfig-fragments/pretend.config', text: 'CONFIG_DUMMY=y\n' }],
  },
  {
    what: 'a command',
    changes: [
      {
        file: 'toolkit/cli/main.ts',
        before: 'const kconfig = program',
        text: `program
  .command('pretend')
  .description('say that it is there')
  .action(async () => (await import('./pretend.ts')).pretend());

`,
      },
      {
        file: 'toolkit/cli/pretend.ts',
        text: `import { print } from './terminal.ts';

/** \`lxc-kit pretend\`. */
export function pretend(): void {
  print('it is there');
}
`,
      },
    ],
  },
];
