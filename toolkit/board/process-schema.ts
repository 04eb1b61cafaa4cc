import { z } from 'zod';
import { PROCESS_LIMITS } from '../base/linux-names.ts';
import { absolutePath, idNumber, oneLine, textLike } from '../yaml/field-formats.ts';

/** How the first process of a container is started. */
export const firstProcess = z.strictObject({
  cwd: absolutePath.optional().describe('The directory it starts in (LXC 3.0 and later)'),
  uid: idNumber.optional().describe('The user it runs as (LXC 2.0 and later)'),
  gid: idNumber.optional().describe('The group it runs as (LXC 2.0 and later)'),
});

const PRLIMIT = /^(?:[0-9]+|unlimited)(?::(?:[0-9]+|unlimited))?$/;
const PRLIMIT_ERROR = 'must be a number or unlimited, or a soft and a hard limit such as "1024:4096"';
const processLimit = z
  .union([textLike(PRLIMIT, PRLIMIT_ERROR), z.int().min(0)], { error: PRLIMIT_ERROR })
  .transform(String);

const sysctlName = textLike(
  /^[a-z0-9_]+(?:[./][\w-]+)+$/,
  'must be the name of a kernel setting such as net.ipv4.ip_forward',
);
const sysctlValue = z
  .union([oneLine, z.int()], { error: 'must be a number or a line of text' })
  .transform(String);

/** Limits (setrlimit(2)) for each process of a container. */
export const processLimits = z.partialRecord(z.enum(PROCESS_LIMITS), processLimit);

/** Settings below /proc/sys that belong to a container's namespaces. */
export const kernelSettings = z.record(sysctlName, sysctlValue);
