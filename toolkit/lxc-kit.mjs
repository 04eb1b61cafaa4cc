#!/usr/bin/env node
// The program `lxc-kit`: nothing that an old Node cannot read is loaded before its age is known.
import { checkNode } from './check-node.mjs';

if (checkNode(new URL('../../package.json', import.meta.url))) void import('#dist/cli/main.js');
else process.exitCode = 3;
