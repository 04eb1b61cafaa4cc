import { parse } from 'yaml';
import {
  containerSchema,
  inSchemaOrder,
  type ContainerDefinition,
} from '../../../toolkit/board/container-schema.ts';
import { giveIdRanges } from '../../../toolkit/board/give-id-ranges.ts';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { DiagnosticsError } from '../../../toolkit/base/diagnostic.ts';
import type { ContainerTarget } from '../../../toolkit/containers/emit-container.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import type { ImportTarget } from '../../../toolkit/lxc-adoption/import-raw.ts';
import { importConfig } from '../../../toolkit/lxc-adoption/import-config.ts';
import { readConfig, type Include, type ReadLine } from '../../../toolkit/lxc-keys/read-config.ts';
import { hostRootfsOf, type HostRootfs, type RootfsNode } from '../../../toolkit/containers/host-rootfs.ts';

/** A container definition as a board profile has it. */
export function containerFrom(yaml: string): ContainerDefinition {
  return containerSchema.parse(parse(yaml));
}

/** A definition as the only one of a board: with the range of IDs that it gets there. */
export function ofBoard(definition: unknown): ContainerDefinition {
  const [container] = giveIdRanges([containerSchema.parse(definition)]);
  if (container === undefined) throw new Error('no container');
  return container;
}

const dir = (path: string): RootfsNode => ({ path, type: 'dir' });
const file = (path: string): RootfsNode => ({ path, type: 'file' });
const link = (path: string, target: string): RootfsNode => ({ path, type: 'symlink', target });

/** The root filesystem of a small device: BusyBox with some applets, libraries, and LXC's seccomp profile. */
export function device(...more: RootfsNode[]): HostRootfs {
  return hostRootfsOf([
    ...[
      '/bin',
      '/sbin',
      '/lib',
      '/usr',
      '/usr/bin',
      '/usr/lib',
      '/var',
      '/var/lib',
      '/data',
      '/data/web',
    ].map(dir),
    ...['/bin/busybox', '/lib/libc.so.6', '/usr/share/lxc/config/common.seccomp'].map(file),
    ...['/usr/share', '/usr/share/lxc', '/usr/share/lxc/config'].map(dir),
    ...['sh', 'echo', 'ls', 'mount'].map((applet) => link(`/bin/${applet}`, 'busybox')),
    link('/sbin/init', '../bin/busybox'),
    link('/usr/bin/env', '../../bin/busybox'),
    link('/usr/lib/libm.so', 'libm.so.6'),
    file('/usr/lib/libm.so.6'),
    ...more,
  ]);
}

export function target(changes: Partial<ContainerTarget> = {}): ContainerTarget {
  return {
    lxcVersion: '5.0.2',
    cgroup: 'v2',
    lxcPath: '/var/lib/lxc',
    prefix: '/usr',
    host: device(),
    ...changes,
  };
}

/** The problems a call ends with, as they are printed. */
export async function problemsOf(call: () => Promise<unknown>): Promise<string[]> {
  try {
    await call();
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics.map(formatDiagnostic);
    throw error;
  }
  return [];
}

/** A configuration that is read; `files` are those it may include, by path. */
export async function readLines(
  text: string,
  findings: Findings,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly ReadLine[]> {
  const include: Include = (path) => {
    const found = Object.keys(files).filter((file) => file === path || file.startsWith(`${path}/`));
    if (found.length === 0) return Promise.resolve(`there is no ${path}`);
    return Promise.resolve(found.map((file) => ({ id: file, shownFile: file, text: files[file] ?? '' })));
  };
  return readConfig({ id: 'c.conf', shownFile: 'c.conf', text }, include, findings);
}

/** Problems that the schema finds in a definition. */
export function schemaProblems(
  definition: Readonly<Record<string, unknown>>,
): { path: (string | number)[]; message: string }[] {
  const { error } = containerSchema.safeParse(definition);
  return (error?.issues ?? []).map(({ path, message }) => ({ path: path as (string | number)[], message }));
}

export interface Imported {
  readonly definition: Record<string, unknown>;
  /** `line:column outcome message`. */
  readonly notes: readonly string[];
}

/** A configuration as a container definition. */
export async function imported(
  text: string,
  files: Readonly<Record<string, string>> = {},
  importTarget: ImportTarget = { lxcVersion: '5.0.2', cgroup: 'v2' },
): Promise<Imported> {
  const findings = new Findings();
  const lines = await readLines(text, findings, files);
  const definition = inSchemaOrder(importConfig(lines, 'web/config', importTarget, schemaProblems, findings));
  return { definition, notes: notesOf(findings) };
}

export function notesOf(findings: Findings): string[] {
  return findings
    .sortedNotes()
    .map(
      ({ outcome, location, message }) =>
        `${location === undefined ? '' : `${location.line}:${location.column} `}${outcome}: ${message}`,
    );
}
