/** The hooks of a container in the order in which LXC runs them; lxc.container.conf(5), CONTAINER HOOKS. */
export const HOOKS = [
  'pre-start',
  'pre-mount',
  'mount',
  'autodev',
  'start-host',
  'start',
  'stop',
  'post-stop',
  'clone',
  'destroy',
] as const;
