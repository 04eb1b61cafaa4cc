import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyEdits } from '../../../toolkit/lxc/apply-edits.ts';
import { planLxcBuild } from '../../../toolkit/lxc/recipes.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

const plan = (version: string) => planLxcBuild(version, []);

/** As src/lxc/Makefile.am of 4.0.12 has it for each tool. */
const MAKEFILE_4_0 = `lxc_attach_SOURCES = tools/lxc_attach.c \\
		     tools/arguments.c tools/arguments.h

if ENABLE_STATIC_BINARIES
lxc_attach_SOURCES += $(liblxc_la_SOURCES)
lxc_attach_LDFLAGS = -all-static -pthread
else
lxc_attach_SOURCES += af_unix.c af_unix.h \\
		      caps.c caps.h \\
		      $(LSM_SOURCES)
if ENABLE_SECCOMP
lxc_attach_SOURCES += seccomp.c lxcseccomp.h
endif
endif

init_lxc_SOURCES = cmd/lxc_init.c \\
		   af_unix.c af_unix.h
`;

test("4.0's tools are made of their own files only", async () => {
  const dir = scratchDir();
  writeFiles(dir, { 'src/lxc/Makefile.am': MAKEFILE_4_0 });
  await applyEdits(dir, plan('4.0.12'));
  expect(readFileSync(join(dir, 'src/lxc/Makefile.am'), 'utf8'))
    .toBe(`lxc_attach_SOURCES = tools/lxc_attach.c \\
		     tools/arguments.c tools/arguments.h

if ENABLE_STATIC_BINARIES
lxc_attach_SOURCES += $(liblxc_la_SOURCES)
lxc_attach_LDFLAGS = -all-static -pthread
else
if ENABLE_SECCOMP
endif
endif

init_lxc_SOURCES = cmd/lxc_init.c \\
		   af_unix.c af_unix.h
`);
});

test("3.0's helpers are made of their own files only, init.lxc as it was", async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'src/lxc/Makefile.am': `init_lxc_SOURCES = cmd/lxc_init.c \\
		   compiler.h
lxc_user_nic_SOURCES = cmd/lxc_user_nic.c \\
		       log.c log.h \\
		       parse.c parse.h

lxc_ls_SOURCES = tools/lxc_ls.c \\
		 tools/arguments.c
`,
  });
  await applyEdits(dir, plan('3.0.3'));
  expect(readFileSync(join(dir, 'src/lxc/Makefile.am'), 'utf8')).toBe(`init_lxc_SOURCES = cmd/lxc_init.c \\
		   compiler.h
lxc_user_nic_SOURCES = cmd/lxc_user_nic.c

lxc_ls_SOURCES = tools/lxc_ls.c \\
		 tools/arguments.c
`);
});

test('a source without the place to change is refused, with what the change is for', async () => {
  const dir = scratchDir();
  writeFiles(dir, { 'src/lxc/Makefile.am': 'nothing\n' });
  await expect(applyEdits(dir, plan('4.0.12'))).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: expect.stringMatching(/^src\/lxc\/Makefile\.am of this LXC has no line like /) as string,
    hint: expect.stringContaining('each tool compiles and contains all of liblxc') as string,
  });
});
