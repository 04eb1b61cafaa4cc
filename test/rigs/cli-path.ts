import { shippedPath } from '../../toolkit/base/package-root.ts';

/** The program that package.json calls lxc-kit. */
export const CLI_FILE = shippedPath('dist', 'bin', 'lxc-kit.js');
