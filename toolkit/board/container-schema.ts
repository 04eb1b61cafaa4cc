import { HOOKS } from '../lxc-keys/hook-names.ts';
import { z } from 'zod';
import { didYouMean } from '../base/did-you-mean.ts';
import { SIGNAL_PATTERN, SIGNALS } from '../base/linux-names.ts';
import { capabilities, devices, idMapping, limits } from './confinement-schema.ts';
import {
  ABSOLUTE_PATH,
  absolutePath,
  hostName,
  oneLine,
  oneOfTexts,
  oneWord,
  plainName,
  textLike,
} from '../yaml/field-formats.ts';
import { containerFaults } from './container-faults.ts';
import { containerRootfs } from './container-rootfs-schema.ts';
import { bindMount, containerMount } from './mount-schema.ts';
import { networkInterface } from './network-schema.ts';
import { firstProcess, kernelSettings, processLimits } from './process-schema.ts';
import { knownKeys } from '../yaml/find-schemas.ts';
import { evenWithMistakes, refuseTwice } from '../yaml/refuse-twice.ts';

const console = z.union([z.enum(['none', 'default']), oneOfTexts(ABSOLUTE_PATH)], {
  error: 'must be none, default or the path of a terminal',
});

const count = z.int().min(0);

const autostart = z.union(
  [
    z.boolean(),
    z.strictObject({
      order: z.int().optional().describe('Lower numbers start earlier'),
      delay: count.optional().describe('Seconds to wait before the next one starts'),
    }),
  ],
  { error: 'must be true, false or { order: NUMBER, delay: SECONDS }' },
);

const AUTO_WORD =
  /^(?:(?:proc|sys|cgroup|cgroup-full|cgroup2)(?::(?:mixed|ro|rw))?(?::force)?|shmounts(?::[^\s:]+)*)$/;

const hookCommands = z
  .union([oneLine, z.array(oneLine)], { error: 'must be a command or a list of commands' })
  .transform((commands) => (typeof commands === 'string' ? [commands] : commands));

const signal = textLike(SIGNAL_PATTERN, ({ input }) => {
  const wanted = `SIG${String(input).toUpperCase().replace(/^SIG/, '')}`;
  const similar = SIGNAL_PATTERN.test(wanted) ? wanted : didYouMean(wanted, SIGNALS, 1);
  const help = typeof input === 'string' && similar !== undefined ? `\nwrite ${similar}` : '';
  return `must be the name of a signal such as SIGTERM${help}`;
});

const seccompProfile = textLike(
  new RegExp(`^(?:default|none)$|${ABSOLUTE_PATH.source}`, 'u'),
  ({ input }) => {
    const sentence = 'must be default, none or the absolute path of a seccomp profile on the device';
    return typeof input === 'string' && /^[\w.-]+$/.test(input)
      ? `${sentence}\nfor example /usr/share/lxc/config/${input}`
      : sentence;
  },
);

const variableName = textLike(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'must be a variable name of letters, digits and "_"',
);
const variableValue = textLike(/^\P{Cc}*$/u, 'must be one line of text');

const rawLine = textLike(
  /^lxc\.[^\s=]+[ \t]*=\P{Cc}*$/u,
  'must be a line of an LXC configuration such as "lxc.signal.halt = SIGTERM"',
);

/** A container definition: a file of its own, or inline in a board profile. */
export const containerSchema = z
  .strictObject({
    name: plainName.meta({
      description: 'Its name for lxc-start and lxc-ls',
      examples: ['web'],
    }),
    kind: z
      .enum(['application', 'system'])
      .default('application')
      .describe('application: one process; system: runs an init'),
    hostname: hostName.optional().describe('Its host name; by default the name of the container'),
    include: z
      .array(absolutePath)
      .default([])
      .describe('LXC configurations on the device that are read first; this definition wins'),
    rootfs: containerRootfs.prefault({}).describe('The root filesystem of the container'),
    command: z
      .array(oneLine)
      .superRefine(([program], context) => {
        if (program === undefined || absolutePath.safeParse(program).success) return;
        const help = /^[\w.-]+$/.test(program) ? `\nfor example /bin/${program}` : '';
        const message = `must be the absolute path of a program${help}`;
        context.addIssue({ code: 'custom', path: [0], message, input: program });
      })
      .default([])
      .describe("The program and its arguments; by default LXC's own, /sbin/init"),
    init: firstProcess.prefault({}).describe('How the first process is started'),
    bind: z
      .array(bindMount)
      .default([])
      .describe(
        'Paths of the device to bind-mount; a plain path is mounted at the same path with ro, nosuid, nodev',
      ),
    mounts: z.array(containerMount).default([]).describe('Other file systems, such as a tmpfs'),
    auto: z
      .array(textLike(AUTO_WORD, 'must be a word of lxc.mount.auto such as proc:mixed or sys:ro'))
      .default([])
      .describe('Kernel file systems that LXC mounts itself (lxc.mount.auto)'),
    devices: devices
      .optional()
      .describe(
        'The device nodes it may use; by default null, zero, full, random, urandom, tty, ptmx, pts and console; all: no rules',
      ),
    network: z
      .array(networkInterface)
      .superRefine(refuseTwice('name'), evenWithMistakes)
      .default([])
      .describe('Network interfaces; by default only the loopback'),
    'share-network': plainName
      .optional()
      .describe('The container whose network namespace it uses; that one starts first'),
    privileged: z
      .boolean()
      .optional()
      .describe(
        'true: its root is the root of the device; by default it has a user namespace, and a range of user and group numbers of its own',
      ),
    capabilities: capabilities
      .optional()
      .describe(
        'Which capabilities it loses: drop or keep, but not both; by default all but those that its kind needs',
      ),
    'masked-paths': z
      .union([z.literal('none'), z.array(absolutePath)], {
        error: 'must be none, or a list of paths in /proc and /sys',
      })
      .optional()
      .describe(
        'Paths in /proc and /sys that it does not see; by default those with settings and secrets of the device',
      ),
    limits: limits.prefault({}).describe("Resource limits, written for the board's cgroup version"),
    prlimits: processLimits
      .default({})
      .describe('Limits for each of its processes (setrlimit), such as nofile: 1024'),
    sysctl: kernelSettings
      .default({})
      .describe('Kernel settings for its namespaces, such as net.ipv4.ip_forward: 1'),
    'no-new-privs': z
      .boolean()
      .optional()
      .describe(
        'Whether to keep programs from gaining privileges through setuid or file capabilities; by default true for an application',
      ),
    console: console
      .optional()
      .describe('none: no console; default: a pseudo terminal made by LXC; or a terminal of the device'),
    pty: count.optional().describe('The number of pseudo terminals; 0: no devpts of its own'),
    tty: count.optional().describe('The number of terminals for lxc-console'),
    autodev: z.boolean().default(true).describe('Whether LXC creates a /dev with the usual nodes'),
    autostart: autostart.default(false).describe('Whether it starts at boot'),
    groups: z.array(oneWord).default([]).describe('Groups for lxc-autostart -g'),
    idmap: z
      .array(idMapping)
      .default([])
      .describe('Its user and group numbers on the device; by default lxc-kit gives it a range of its own'),
    seccomp: seccompProfile
      .optional()
      .describe('default, none, or the path of a seccomp profile on the device; by default default'),
    environment: z.record(variableName, variableValue).default({}).describe('Variables of the first process'),
    hooks: z
      .partialRecord(z.enum(HOOKS), hookCommands)
      .default({})
      .describe('Commands that LXC runs around start and stop'),
    signals: z
      .strictObject({
        halt: signal.optional().describe('Asks for a shutdown'),
        reboot: signal.optional().describe('Asks for a restart'),
        stop: signal.optional().describe('Ends it at once'),
      })
      .prefault({})
      .describe('The signals LXC sends to the first process'),
    raw: z.array(rawLine).default([]).describe('Lines that are copied to the LXC configuration'),
  })
  .superRefine((container, context) => {
    for (const { path, message } of containerFaults(container))
      context.addIssue({ code: 'custom', path: [...path], message, input: container });
  }, evenWithMistakes)
  .transform((container) => ({
    ...container,
    hostname: container.hostname ?? container.name,
    rootfs: { ...container.rootfs, path: container.rootfs.path ?? `/opt/lxc/${container.name}` },
    /** Whether `idmap` is a range that lxc-kit chose, and not one of the definition. */
    givenIds: false,
  }))
  .meta({ id: 'container', title: 'Container definition of lxc-kit' });

/** A checked container definition: defaults filled in, shorthands written out. */
export type ContainerDefinition = z.output<typeof containerSchema>;

/** Returns a definition with its keys in the order of the schema, which is that of the documentation. */
export function inSchemaOrder(
  definition: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const keys = knownKeys(containerSchema, [], definition).filter((key) => key in definition);
  return Object.fromEntries(keys.map((key) => [key, definition[key]]));
}
