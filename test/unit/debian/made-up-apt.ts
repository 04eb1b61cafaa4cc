import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceContext } from '../../../toolkit/download/source-context.ts';
import { sourceRig, type SourceRig } from '../sources/source-rig.ts';
import { writeFiles } from '../scratch.ts';

export interface MadeUpApt extends SourceRig {
  /** Offers a package; `fileName` is that of the file that a download brings. */
  offer(name: string, fileName: string, deb?: Buffer): void;
  /** Lets each update end with a warning. */
  complain(warning: string): void;
  /** How often the package lists were fetched. */
  updates(): number;
}

/** A rig whose apt-get knows the packages that a test offers, and needs no mirror. */
export function madeUpApt(changes: Partial<SourceContext> = {}): MadeUpApt {
  const rig = sourceRig();
  const dir = join(rig.dir, 'apt');
  writeFiles(dir, {
    'bin/flock': '#!/bin/sh\nshift\nexec "$@"\n',
    'bin/apt-get': `#!/bin/sh
shift 2
echo "$*" >> ${dir}/calls
case "$1 $2" in
  update*) cat ${dir}/complaint >&2 ;;
  'download --print-uris')
    [ -e ${dir}/offered/$3 ] || { echo "E: Unable to locate package $3" >&2; exit 100; }
    cat ${dir}/offered/$3 ;;
  download*) cp ${dir}/debs/$2/* . ;;
esac
`,
    complaint: '',
    calls: '',
  });
  for (const program of ['flock', 'apt-get']) chmodSync(join(dir, 'bin', program), 0o755);
  const env = { ...rig.context.env, PATH: `${join(dir, 'bin')}:${rig.context.env['PATH'] ?? ''}` };
  return {
    ...rig,
    context: { ...rig.context, env, ...changes },
    offer(name, fileName, deb = Buffer.from('deb')) {
      const offered = join(dir, 'offered', name);
      const before = existsSync(offered) ? readFileSync(offered, 'utf8') : '';
      writeFiles(dir, {
        [`offered/${name}`]: `${before}'http://mirror/${fileName}' ${fileName} ${deb.length}\n`,
        [`debs/${name}/${fileName}`]: deb,
      });
    },
    complain(warning) {
      writeFiles(dir, { complaint: `${warning}\n` });
    },
    updates: () =>
      readFileSync(join(dir, 'calls'), 'utf8')
        .split('\n')
        .filter((call) => call === 'update').length,
  };
}
