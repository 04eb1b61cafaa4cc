import { lstat, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { walkTree } from '../host/walk-tree.ts';
import { compilerFlags, linkerFlags, type LxcBuildRequest } from './lxc-builder.ts';

/** The parts that the combined program is linked from. */
export interface ToolParts {
  /** The folder of the tools' objects, which are in subfolders. */
  readonly objectsDir: string;
  /** liblxc, shared or static. */
  readonly library: string;
}

/** An object with a tool's main function: `lxc_start.o` with make, `lxc_start.c.o` with meson. */
const TOOL_OBJECT = /^lxc_(\w+?)(?:\.c)?\.o$/;
/** Objects that tools share. */
const SHARED_OBJECT = /^(?:arguments|tool_utils)(?:\.c)?\.o$/;

/**
 * Combines the installed tools of a release in one program, `bin/lxc`, which acts as the tool whose name it is called
 * by, like that of LXC 6.0 (src/lxc/tools/lxc_multicall.c there). The tools become links to it. This saves the code,
 * tables and padding that each separate program repeats. A tool whose object is not found stays unchanged, and so does
 * a release that already has such a program.
 */
export async function combineTools(request: LxcBuildRequest, parts: ToolParts): Promise<void> {
  const { installDir, directories, workDir, toolchain, run } = request;
  const binDir = join(installDir, directories.bindir);
  if (await isFile(join(binDir, 'lxc'))) return;
  const objects = (await walkTree(parts.objectsDir)).map(({ path }) => path).sort();
  const tools = new Map<string, string>();
  for (const path of objects) {
    const [, name] = TOOL_OBJECT.exec(basename(path)) ?? [];
    const tool = name?.replaceAll('_', '-');
    if (tool !== undefined && (await isFile(join(binDir, `lxc-${tool}`)))) tools.set(tool, path);
  }
  if (tools.size === 0) return;
  const dir = join(workDir, 'lxc-program');
  await mkdir(dir, { recursive: true });
  const renamed: string[] = [];
  for (const [tool, path] of tools) {
    const object = join(dir, `${tool}.o`);
    await run([`${toolchain.prefix}objcopy`, '--redefine-sym', `main=${mainOf(tool)}`, path, object]);
    renamed.push(object);
  }
  const source = join(dir, 'lxc.c');
  await writeFile(source, programOf([...tools.keys()]));
  await run([
    `${toolchain.prefix}gcc`,
    '-Os',
    ...toolchain.cflags,
    ...compilerFlags(request),
    source,
    ...renamed,
    ...sharedObjects(objects, [...tools.values()]),
    parts.library,
    ...(await stagedLibraries(request)),
    ...linkerFlags(request),
    '-pthread',
    '-ldl',
    '-lutil',
    '-o',
    join(binDir, 'lxc'),
  ]);
  for (const tool of tools.keys()) {
    const installed = join(binDir, `lxc-${tool}`);
    await rm(installed);
    await symlink('lxc', installed);
  }
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isFile(),
    () => false,
  );
}

/** Returns one object per name: meson compiles shared sources again for each tool. */
function sharedObjects(objects: readonly string[], tools: readonly string[]): string[] {
  const folders = new Set(tools.map((path) => dirname(path)));
  const shared = objects.filter((path) => SHARED_OBJECT.test(basename(path)) && folders.has(dirname(path)));
  return [...new Map(shared.map((path) => [basename(path), path])).values()];
}

/** Returns the linker flags for the libraries that LXC was configured with; unused ones are not linked. */
async function stagedLibraries({ stagingDir }: LxcBuildRequest): Promise<string[]> {
  const dir = join(stagingDir, 'usr', 'lib');
  const names = (await walkTree(dir)).flatMap(({ name }) => /^lib([^/]+)\.so$/.exec(name)?.[1] ?? []);
  return [`-L${dir}`, '-Wl,--as-needed', ...names.map((name) => `-l${name}`)];
}

const mainOf = (tool: string): string => `lxc_${tool.replaceAll('-', '_')}_main`;

function programOf(tools: readonly string[]): string {
  return `#include <stdio.h>
#include <string.h>

${tools.map((tool) => `extern int ${mainOf(tool)}(int argc, char *argv[]);`).join('\n')}

static const struct {
	const char *name;
	int (*main)(int argc, char *argv[]);
} tools[] = {
${tools.map((tool) => `	{ "lxc-${tool}", ${mainOf(tool)} },`).join('\n')}
};

int main(int argc, char *argv[])
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strcmp(name, tools[i].name) == 0)
			return tools[i].main(argc, argv);
	fprintf(stderr, "%s: does what the tool does that it is called as: lxc-start, lxc-ls ...\\n", name);
	return 1;
}
`;
}
