import { readFile } from 'node:fs/promises';
import { shippedPath } from '../base/package-root.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { headerOf } from './config-header.ts';
import type { ConfigGroups } from './write-groups.ts';
import type { ConfigLine } from '../lxc-keys/line-writer.ts';
import { renderTemplate } from '../base/render-template.ts';

/** Renders an LXC configuration from the template `rootfs-skeleton/container/lxc.config.hbs`. */
export async function renderConfig(
  container: ContainerDefinition,
  groups: ConfigGroups,
  raw: readonly ConfigLine[],
  lxcVersion: string,
): Promise<string> {
  const template = await readFile(shippedPath('rootfs-skeleton', 'container', 'lxc.config.hbs'), 'utf8');
  return renderTemplate(template, {
    ...groups,
    header: headerOf(container, lxcVersion),
    allowedDevices: allowedDevices(container).join(', '),
    loopbackOnly: groups.network.every(({ path }) => path === undefined),
    raw,
  });
}

function allowedDevices({ devices }: ContainerDefinition): readonly string[] {
  return devices === undefined || devices === 'all' ? [] : devices.allow;
}
