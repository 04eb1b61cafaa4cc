import { z } from 'zod';
import { idNumber, oneOfTexts, sizeText, textLike } from '../yaml/field-formats.ts';
import { CAPABILITIES, DEVICE_NAMES } from '../base/linux-names.ts';
import { NO_LIMIT } from '../cgroups/no-limit.ts';
import { evenWithMistakes } from '../yaml/refuse-twice.ts';

interface Wrong {
  readonly input?: unknown;
}

const DEVICE_ERROR =
  'must be a device name such as null, or type, numbers and permissions such as "c 30:0 rwm"';

/** A device number has 12 bits of major and 20 of minor number (the kernel's include/linux/kdev_t.h). */
const MAX_MAJOR = 4095;
const MAX_MINOR = 1_048_575;

function hasDeviceNumbers(device: string): boolean {
  const [, major = '0', minor = '0'] = /^[bc] ([0-9]+|\*):([0-9]+|\*) /.exec(device) ?? [];
  return !(Number(major) > MAX_MAJOR) && !(Number(minor) > MAX_MINOR);
}

const device = z
  .union(
    [
      z.enum(DEVICE_NAMES),
      oneOfTexts(/^[bc] (?:[0-9]+|\*):(?:[0-9]+|\*) [rwm]{1,3}$/),
      // In [null, zero] YAML reads the value null.
      z.null(),
    ],
    {
      // A comment inside the string would reach the kernel.
      error: ({ input }: Wrong) =>
        String(input).includes('#') ? `${DEVICE_ERROR}\nmove the comment out of the quotes` : DEVICE_ERROR,
    },
  )
  .transform((written) => written ?? 'null')
  .refine(hasDeviceNumbers, {
    error: `must have a major number of at most ${MAX_MAJOR} and a minor number of at most ${MAX_MINOR}`,
  });

/** The device nodes that a container may use. */
export const devices = z.union(
  [
    z.literal('all'),
    z.strictObject({
      allow: z
        .array(device)
        .default([])
        .describe('Names such as null and tty, or "c 30:0 rwm"; everything else is denied'),
    }),
  ],
  { error: 'must be { allow: […] }, or all' },
);

const capabilityNames = z.array(
  z.enum(CAPABILITIES, {
    error: ({ input }: Wrong) => {
      const bare = String(input).replace(/^cap_/i, '').toLowerCase();
      const known = (CAPABILITIES as readonly string[]).includes(bare);
      return `must be a Linux capability as LXC writes it, such as sys_admin${known ? `\nwrite ${bare}` : ''}`;
    },
  }),
);

/** The capabilities of the container's root. */
export const capabilities = z
  .strictObject({
    drop: capabilityNames.optional().describe('The container loses these'),
    keep: capabilityNames.optional().describe('The container loses all but these'),
  })
  .superRefine(({ drop, keep }, context) => {
    if (drop === undefined || keep === undefined) return;
    for (const [index, name] of keep.entries()) {
      const other = drop.indexOf(name);
      if (other === -1) continue;
      const both: readonly (readonly [string, number, string])[] = [
        ['keep', index, `${name} cannot be kept here: drop[${other}] drops it`],
        ['drop', other, `${name} cannot be dropped here: keep[${index}] keeps it`],
      ];
      for (const [list, at, message] of both) context.addIssue({ code: 'custom', path: [list, at], message });
    }
    context.addIssue({
      code: 'custom',
      path: ['keep'],
      message: 'cannot be combined with drop: LXC allows only one of them',
    });
  }, evenWithMistakes);

const CPUS_ERROR = 'must be a list of processors such as "0" or "0-1,3"';
const CPUS_ORDER_ERROR = 'must have the lower processor of a range first';

function isAscending(range: string): boolean {
  const [first, last = first] = range.split('-').map(Number);
  return first !== undefined && last !== undefined && first <= last;
}

const memoryLimit = z
  .union([sizeText(/^(?:none|[1-9][0-9]*[KMG]?)$/, '32M'), z.int().min(1)], {
    error: 'must be a size such as 32M, or none',
  })
  .transform(String);
const pidsLimit = z.union([z.literal(NO_LIMIT), z.int().min(1)], {
  error: 'must be a number from 1, or none',
});

/** The limits that a board gives to each container which does not have its own. */
export const defaultLimits = z.strictObject({
  memory: memoryLimit.default(NO_LIMIT).describe('The memory limit, such as 64M, or none'),
  pids: pidsLimit.default(256).describe('The maximum number of processes and threads, or none'),
});

/** The resource limits of a container; the cgroup version decides how they are written. */
export const limits = z.strictObject({
  memory: memoryLimit
    .optional()
    .describe("Memory, such as 32M, or none; by default the board's defaults.container.limits"),
  swap: z
    .union([sizeText(/^(?:0|[1-9][0-9]*[KMG]?)$/, '32M'), z.int().min(0)], {
      error: 'must be a size such as 32M, or 0',
    })
    .transform(String)
    .optional()
    .describe('Swap space in addition to the memory, such as 16M; 0 for none'),
  pids: pidsLimit
    .optional()
    .describe(
      "The maximum number of processes and threads, or none; by default the board's defaults.container.limits",
    ),
  'cpu-shares': z
    .int()
    .min(2)
    .max(262_144)
    .optional()
    .describe('Its share of a busy processor relative to the others; the usual value is 1024'),
  cpus: z
    .union([textLike(/^[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*$/, CPUS_ERROR), z.int().min(0)], {
      error: CPUS_ERROR,
    })
    .transform(String)
    .refine((list) => list.split(',').every(isAscending), { error: CPUS_ORDER_ERROR })
    .optional()
    .describe('The processors it may run on, such as "0" or "0-1,3"'),
  'cpu-quota': textLike(/^[1-9][0-9]*%$/, 'must be a percentage such as 50%')
    .optional()
    .describe('The maximum processor time, in percent of one processor, such as 50%'),
});

/** A range of user or group numbers of an unprivileged container. */
export const idMapping = z.strictObject({
  kind: z.enum(['uid', 'gid']).describe('Whether users or groups are mapped'),
  container: idNumber.describe('The first number inside the container'),
  host: idNumber.describe('The first number on the device'),
  count: z.int().min(1).max(4_294_967_295).describe('How many numbers'),
});
