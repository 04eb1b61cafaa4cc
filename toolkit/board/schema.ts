import { z } from 'zod';
import { defaultLimits } from './confinement-schema.ts';
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
} from '../yaml/field-formats.ts';
import { layoutNames } from '../cgroups/layouts.ts';
import { findMachine } from '../emulator/machines.ts';
import { launcherNames } from '../toolchain/launchers.ts';
import { architectureNames, architectures, type Architecture } from '../toolchain/architectures.ts';
import { busyboxConfig, compilerFlag, imageTarget } from './make-words.ts';
import { hostBridges, hostInterfaces } from './host-network-schema.ts';
import { images, kindOf, parametersOf } from './images-schema.ts';
import { rootfs } from './rootfs-schema.ts';
import { sources } from './source-schema.ts';
import { login, ssh, users } from './users-schema.ts';

/** The versions of the profile format that this lxc-kit reads. */
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
  ', derived stands for what this profile needs (lxc-kit kconfig derive)',
);

const defconfig = nameOrFile('must be a defconfig, allnoconfig or a file').meta({
  description: "The configuration to start from: one of the kernel's defconfigs, allnoconfig, or a file",
  examples: ['malta_defconfig'],
});

const toolchain = z.strictObject({
  arch: z.enum(architectureNames).default(architectureNames[0]).describe('The architecture of the device'),
  prefix: textLike(/^[\w.+-]+-$/, 'must be the prefix of the tools\' names, ending in "-"')
    .optional()
    .describe(
      "The prefix of the compiler's name, before gcc; by default that of Debian's compiler for the architecture",
    ),
  directory: hostPath.optional().describe('The folder of the tools; by default they are found in PATH'),
  cflags: z.array(compilerFlag).default([]).describe('Compiler flags for BusyBox, LXC and the libraries'),
  launcher: z
    .enum([...launcherNames, 'none'])
    .optional()
    .describe('The program that starts the compiler, or none; by default ccache if the host has it'),
});

const kernel = z.strictObject({
  sources,
  defconfig,
  fragments: kernelFragments,
  config: kconfigValues.default({}).describe('Kernel symbols and their values; they win over fragments'),
  modules: z
    .enum(['keep', 'builtin', 'drop'])
    .default('drop')
    .describe("What to do with the defconfig's =m symbols"),
  require: z
    .array(kconfigSymbol)
    .default([])
    .describe('Symbols that must be in the final .config, in addition to those the board needs'),
  image: imageTarget
    .optional()
    .describe("The make target of the boot image; by default the architecture's, such as vmlinux"),
});

const PORTS = /^([0-9]{1,5}):([0-9]{1,5})$/;
const PORTS_ERROR =
  'must be two ports such as "8080:80": first the one of this machine, then the one of the board';

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
    .describe('TCP ports of this machine, on 127.0.0.1, that are forwarded to the board, such as "8080:80"'),
});

const emulator = z.strictObject({
  machine: textLike(/^[\w.-]+$/, 'must be a machine of QEMU such as malta')
    .optional()
    .describe("QEMU -M; by default the architecture's machine"),
  cpu: textLike(/^[\w.-]+$/, 'must be a processor of QEMU such as 24Kf')
    .optional()
    .describe("QEMU -cpu; by default the machine's"),
  memory: sizeText(/^[1-9][0-9]*[MG]$/, '256M')
    .optional()
    .describe("QEMU -m; by default the machine's"),
  network: emulatorNetwork
    .optional()
    .describe("QEMU's user network and its forwarded ports; without it none"),
  kernel: z
    .strictObject({
      defconfig,
      fragments: kernelFragments,
      config: kconfigValues.default({}).describe('Kernel symbols and their values; they win over fragments'),
    })
    .optional()
    .describe("A second kernel, needed only if the board's own cannot run in the emulator"),
});

const extendsList = z
  .array(hostPath)
  .optional()
  .describe('Profiles that this one extends, relative to this file or shipped by lxc-kit; later ones win');

/** The schema of `extends`, which is read before files are merged. */
export const extendsSchema = z.object({ extends: extendsList });

/** A profile as written, after `extends` has been merged. */
const writtenBoard = z.strictObject({
  schema: z.literal(1).meta({ description: 'The version of the profile format', examples: [1] }),
  name: plainName.meta({ description: 'The name of the board', examples: ['my-board'] }),
  description: oneLine.optional().describe('The board in one line'),
  extends: extendsList,
  hardening: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      'on: the kernel fragment hardening, and the sysctls of /etc/sysctl.d/10-hardening.conf at boot; off: neither',
    ),
  toolchain: toolchain.prefault({}).describe('The cross compiler'),
  cgroup: z
    .enum(layoutNames)
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
    .describe('libseccomp, which LXC uses unless lxc.features is without seccomp'),
  lxc: z
    .strictObject({
      sources,
      prefix: buildPath.default('/usr').describe('The prefix of LXC on the device'),
      bindir: buildPath.optional().describe('The folder of its tools; by default bin below the prefix'),
      libdir: buildPath.optional().describe('The folder of liblxc; by default lib below the prefix'),
      features: z
        .array(textLike(/^[a-z][a-z0-9-]*$/, "must be the name of one of LXC's build options"))
        .optional()
        .describe(
          'What LXC must be built with: seccomp, apparmor, selinux; by default seccomp where the release can have it',
        ),
    })
    .prefault({})
    .describe('LXC'),
  iptables: z
    .strictObject({ sources })
    .prefault({})
    .describe('iptables, used only if a bridge has nat or forward'),
  dropbear: z.strictObject({ sources }).prefault({}).describe('dropbear, used only with ssh'),
  rootfs: rootfs.prefault({}).describe('The root filesystem'),
  users: users.default([]).describe('Who may log in on the device; root always exists, locked by default'),
  login: login
    .default('password')
    .describe("On the device's console: ask for a password, open a root shell, or nothing"),
  ssh: ssh
    .optional()
    .describe('An SSH server, dropbear, that takes keys and no passwords; without it nothing listens'),
  interfaces: hostInterfaces
    .default([])
    .describe("The device's own network interfaces that get an address at boot"),
  bridges: hostBridges
    .default([])
    .describe('The bridges for containers, made at boot before the containers start'),
  containers: z
    .array(
      z.union([hostPath, containerSchema], {
        error: 'must be the file of a container definition, or the definition itself',
      }),
    )
    .default([])
    .describe('Files with container definitions, relative to this file, or inline definitions'),
  defaults: z
    .strictObject({
      container: z
        .strictObject({ limits: defaultLimits.prefault({}).describe('The limits of each container') })
        .prefault({})
        .describe('What a definition does not say'),
    })
    .prefault({})
    .describe('Values for all containers; a definition with its own value wins'),
  images: images.default(['cpio.gz']).describe('The images to write'),
  emulator: emulator.prefault({}).describe('The emulator that runs the board'),
});

/** Fills in what the architecture, the machine and the board's name decide. */
function withDefaults(board: z.output<typeof writtenBoard>) {
  const { debian, kernelImage, machine }: Architecture = architectures[board.toolchain.arch];
  const emulated = board.emulator.machine ?? machine;
  // An unknown machine is refused when something is to run on it.
  const { cpu = '', memory = '' } = findMachine(emulated) ?? {};
  return {
    ...board,
    toolchain: { ...board.toolchain, prefix: board.toolchain.prefix ?? debian.toolchainPrefix },
    kernel: { ...board.kernel, image: board.kernel.image ?? kernelImage },
    rootfs: { ...board.rootfs, hostname: board.rootfs.hostname ?? board.name },
    images: board.images.map(kindOf),
    imageParameters: parametersOf(board.images),
    emulator: {
      ...board.emulator,
      machine: emulated,
      cpu: board.emulator.cpu ?? cpu,
      memory: board.emulator.memory ?? memory,
    },
  };
}

/** The schema of a board profile. */
export const boardSchema = writtenBoard.transform(withDefaults).meta({ title: 'Board profile of lxc-kit' });

/** A checked board profile: merged, defaults filled in, host paths absolute, containers loaded. */
export type BoardProfile = Omit<z.output<typeof boardSchema>, 'extends' | 'containers'> & {
  containers: ContainerDefinition[];
};
