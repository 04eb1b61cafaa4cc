import { LAUNCHER_NAMES } from '../base/launcher-names.ts';
import { z } from 'zod';
import { containerSchema, type ContainerDefinition } from './container-schema.ts';
import {
  buildPath,
  hostPath,
  kconfigSymbol,
  kconfigValues,
  nameOrFile,
  oneLine,
  plainName,
  sizeText,
  textLike,
} from './field-formats.ts';
import { busyboxConfig, compilerFlag, imageTarget } from './make-words.ts';
import { hostBridges, hostInterfaces } from './host-network-schema.ts';
import { evenWithMistakes, refuseSame } from './refuse-twice.ts';
import { rootfs } from './rootfs-schema.ts';
import { sources } from './source-schema.ts';

/** The versions of the profile format this lxc-kit reads. */
export const SCHEMA_VERSIONS: readonly number[] = [1];

const fragments = (folder: string, more = '') =>
  z
    .array(nameOrFile("must be a fragment's name or a file"))
    .default([])
    .describe(
      `Merged in order: names are ${folder}/NAME.config${more}, anything with a "/" or ".config" is a file`,
    );

const kernelFragments = fragments(
  'kconfig-fragments',
  ', derived is what this profile needs (lxc-kit kconfig derive)',
);

const defconfig = nameOrFile('must be a defconfig, allnoconfig or a file').meta({
  description: "The configuration to start from: one of the kernel's defconfigs, allnoconfig, or a file",
  examples: ['malta_defconfig'],
});

const toolchain = z.strictObject({
  arch: z.enum(['mipsel']).default('mipsel').describe('The architecture of the device'),
  prefix: textLike(/^[\w.+-]+-$/, 'must be the start of the tools\' names, ending in "-"')
    .default('mipsel-linux-gnu-')
    .describe("What stands before gcc in the compiler's name"),
  directory: hostPath.optional().describe('The folder of the tools; without it PATH'),
  cflags: z.array(compilerFlag).default([]).describe('Compiler flags for BusyBox, LXC and the libraries'),
  launcher: z
    .enum([...LAUNCHER_NAMES, 'none'])
    .optional()
    .describe('What compiler calls go through; without it ccache where the host has it, with none nothing'),
});

const kernel = z.strictObject({
  sources,
  defconfig,
  fragments: kernelFragments,
  config: kconfigValues.default({}).describe('Kernel symbols and their values; they win over fragments'),
  modules: z
    .enum(['keep', 'builtin', 'drop'])
    .default('drop')
    .describe("What becomes of the defconfig's =m symbols"),
  require: z
    .array(kconfigSymbol)
    .default([])
    .describe('Symbols that must be in the final .config, beside those the board needs'),
  image: imageTarget.default('vmlinux').describe('The make target of the boot image'),
});

const PORTS = /^([0-9]{1,5}):([0-9]{1,5})$/;
const PORTS_ERROR = 'must be two ports such as "8080:80": the one of this machine, then the one of the board';

const emulatorNetwork = z.strictObject({
  forward: z
    .array(
      textLike(PORTS, PORTS_ERROR)
        .refine((text) => text.split(':').every((port) => Number(port) >= 1 && Number(port) <= 65_535), {
          error: PORTS_ERROR,
        })
        .transform((text) => {
          const [hostPort = 0, guestPort = 0] = text.split(':').map(Number);
          return { hostPort, guestPort };
        }),
    )
    .default([])
    .describe('TCP ports of this machine, on 127.0.0.1, that lead into the board, such as "8080:80"'),
});

const emulator = z.strictObject({
  machine: textLike(/^[\w.-]+$/, 'must be a machine of QEMU such as malta')
    .default('malta')
    .describe('QEMU -M'),
  cpu: textLike(/^[\w.-]+$/, 'must be a processor of QEMU such as 24Kf')
    .default('24Kf')
    .describe('QEMU -cpu'),
  memory: sizeText(/^[1-9][0-9]*[MG]$/, '256M')
    .default('256M')
    .describe('QEMU -m'),
  network: emulatorNetwork
    .optional()
    .describe("QEMU's own network, with the emulator's ports that lead into the board; without it none"),
  kernel: z
    .strictObject({
      defconfig,
      fragments: kernelFragments,
      config: kconfigValues.default({}).describe('Kernel symbols and their values; they win over fragments'),
    })
    .optional()
    .describe("A second kernel, only where the board's own cannot run in the emulator"),
});

const IMAGE_KINDS = ['tar.gz', 'cpio.gz', 'squashfs', 'ext4'] as const;

const extendsList = z
  .array(hostPath)
  .optional()
  .describe('Profiles this one is laid over, relative to this file; later ones win');

/** The key that is read before files are merged. */
export const extendsSchema = z.object({ extends: extendsList });

/** A whole board profile, after `extends` has been merged. */
export const boardSchema = z
  .strictObject({
    schema: z.literal(1).meta({ description: 'The version of the profile format', examples: [1] }),
    name: plainName.meta({ description: 'The name of the board', examples: ['my-board'] }),
    description: oneLine.optional().describe('The board in a line'),
    extends: extendsList,
    toolchain: toolchain.prefault({}).describe('The cross compiler'),
    cgroup: z
      .enum(['v2', 'v1', 'v1-single'])
      .default('v2')
      .describe(
        'v2; v1: one hierarchy per controller; v1-single: all controllers in one hierarchy at /sys/fs/cgroup',
      ),
    kernel: kernel.meta({
      description: 'The kernel and its configuration',
      examples: [{ defconfig: 'malta_defconfig' }],
    }),
    busybox: z
      .strictObject({
        sources,
        config: busyboxConfig
          .default('defconfig')
          .describe('The configuration to start from: defconfig or a file'),
        fragments: fragments('busybox-config'),
      })
      .prefault({})
      .describe('BusyBox and its configuration'),
    libcap: z.strictObject({ sources }).prefault({}).describe('libcap, which LXC uses'),
    libseccomp: z
      .strictObject({ sources })
      .prefault({})
      .describe('libseccomp, which LXC uses where lxc.features has seccomp'),
    lxc: z
      .strictObject({
        sources,
        prefix: buildPath.default('/usr').describe('Where LXC lies on the device'),
        bindir: buildPath.optional().describe('Where its tools lie, if not in bin below the prefix'),
        libdir: buildPath.optional().describe('Where liblxc lies, if not in lib below the prefix'),
        features: z
          .array(textLike(/^[a-z][a-z0-9-]*$/, "must be the name of one of LXC's build options"))
          .default([])
          .describe('What LXC must be built with: seccomp, apparmor, selinux'),
      })
      .prefault({})
      .describe('LXC'),
    iptables: z
      .strictObject({ sources })
      .prefault({})
      .describe('iptables, which is taken only where a bridge has nat or forward'),
    rootfs: rootfs.prefault({}).describe('The root filesystem'),
    interfaces: hostInterfaces
      .default([])
      .describe("The device's own network interfaces that get an address at boot"),
    bridges: hostBridges
      .default([])
      .describe('The bridges that containers are connected to, made at boot before they start'),
    containers: z
      .array(
        z.union([hostPath, containerSchema], {
          error: 'must be the file of a container definition, or the definition itself',
        }),
      )
      .default([])
      .describe('Files with container definitions, relative to this file, or definitions'),
    images: z
      .array(z.enum(IMAGE_KINDS))
      .min(1)
      .superRefine(refuseSame(IMAGE_KINDS), evenWithMistakes)
      .default(['cpio.gz'])
      .describe('The images to write'),
    emulator: emulator.prefault({}).describe('The machine that stands in for the board'),
  })
  .transform((board) => ({
    ...board,
    rootfs: { ...board.rootfs, hostname: board.rootfs.hostname ?? board.name },
  }))
  .meta({ title: 'Board profile of lxc-kit' });

/** A board as the rest of lxc-kit sees it: merged, defaults filled in, host paths absolute, containers loaded. */
export type BoardProfile = Omit<z.output<typeof boardSchema>, 'extends' | 'containers'> & {
  containers: ContainerDefinition[];
};
export type CgroupLayout = BoardProfile['cgroup'];
export type ImageKind = BoardProfile['images'][number];
