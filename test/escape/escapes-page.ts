import { attemptClasses, type Attempt } from './attempt.ts';
import type { CellResult } from './cells.ts';
import { reasonFor, type OpenEscape } from './open.ts';

const line = (fields: readonly string[]): string =>
  `| ${fields.map((field) => field.replaceAll('|', '\\|')).join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

/** A field of the table: "–" where there was nothing to try. */
export function fieldOf({ outcomes, notApplicable }: CellResult, id: string): string {
  if (id in notApplicable) return '–';
  return outcomes[id]?.verdict ?? 'not made';
}

/** Where the attempt does succeed. */
function controlField(controls: readonly CellResult[], id: string): string {
  const found = controls
    .map((control) => control.outcomes[id])
    .filter((outcome) => outcome?.verdict === 'escaped' || outcome?.verdict === 'host lost');
  if (found.length > 0) return [...new Set(found.map((outcome) => outcome?.notes[0] ?? ''))].join(', ');
  const why = controls
    .map((control) => control.notApplicable[id])
    .find((one) => one?.startsWith('not on') === true);
  return why ?? '**none**';
}

interface Column {
  readonly head: string;
  readonly result: CellResult;
}

/** The text of docs/escapes.md. */
export function escapesPage(
  attempts: readonly Attempt[],
  results: readonly CellResult[],
  controls: readonly CellResult[],
  open: readonly OpenEscape[],
): string {
  const columns: Column[] = results.map((result, index) => ({ head: String(index + 1), result }));
  const counts = (verdicts: readonly string[], { result }: Column): string =>
    String(Object.values(result.outcomes).filter(({ verdict }) => verdicts.includes(verdict)).length);
  const rows = attemptClasses.flatMap((cls) =>
    attempts
      .filter((attempt) => attempt.class === cls)
      .map((attempt) => [
        cls,
        `\`${attempt.id}\``,
        attempt.tries,
        controlField(controls, attempt.id),
        ...columns.map(({ result }) => fieldOf(result, attempt.id)),
      ]),
  );
  const openRows = open.map(({ attempt, containers, root, cgroup, lxc, reason }) => [
    `\`${attempt}\``,
    containers.join(', '),
    [root, cgroup, lxc].filter((one) => one !== undefined).join(', ') || 'all',
    reason,
  ]);
  return `# Root in a container against the device

Written by \`npm run escapes\`, from boots in QEMU. \`test/escape\` has the attempts as data, a program that makes them, and
the line of the device's shell that says whether one succeeded: the program's own word counts for nothing.

- **inside**: the device did not notice.
- **escaped**: the device's root, its kernel's settings, its memory, its terminal, its network or another container was
  reached; or an ordinary process of the device could not go on.
- **host lost**: the device restarted, panicked or was silent.
- **–**: nothing to try, because the kernel lacks it, or because it is about the other root or cgroup version.

*control* is where the same attempt does succeed: in a container that asks to be as open as it can be
(\`test/escape/containers/wide.yaml\`), or as the device's own root. An attempt without one would prove nothing.

\`app0\` is an application container with a command and binds, \`sys0\` a system container with a root filesystem:
neither says a word about security. \`container1\` and \`system1\` are those of the shipped boards.

${table(
  ['column', 'container', 'LXC', 'Linux', 'cgroup', 'root', 'tried', 'escaped', 'host lost'],
  columns.map((column) => {
    const { container, lxc, kernel, cgroup, root } = column.result.cell;
    const tried = counts(['inside', 'escaped', 'host lost'], column);
    return [
      column.head,
      container,
      lxc,
      kernel,
      cgroup,
      root,
      tried,
      counts(['escaped'], column),
      counts(['host lost'], column),
    ];
  }),
)}

## Open

${openRows.length === 0 ? 'None.' : table(['attempt', 'containers', 'where', 'reason'], openRows)}

## Attempts

${table(['class', 'attempt', 'it', 'control', ...columns.map(({ head }) => head)], rows)}
`;
}

const xml = (text: string): string =>
  text
    .replaceAll(/[^\t\n\u{20}-\u{d7ff}\u{e000}-\u{fffd}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** The same as JUnit XML: a suite for each column, a case for each attempt; a known escape fails as well. */
export function escapesJunit(attempts: readonly Attempt[], results: readonly CellResult[]): string {
  const suites = results.map((result) => {
    const { cell, outcomes, notApplicable } = result;
    const name = `${cell.container} ${cell.lxc} ${cell.kernel} ${cell.cgroup} ${cell.root}`;
    let failures = 0;
    const cases = attempts.map(({ id, class: cls, tries }) => {
      const head = `    <testcase classname="${xml(`${name}.${cls}`)}" name="${xml(`${id}: ${tries}`)}"`;
      const why = notApplicable[id];
      if (why !== undefined) return `${head}><skipped message="${xml(why)}"/></testcase>`;
      const outcome = outcomes[id];
      const notes = xml((outcome?.notes ?? []).join('\n'));
      const output = notes === '' ? '' : `<system-out>${notes}</system-out>`;
      if (outcome?.verdict === 'inside') return `${head}>${output}</testcase>`;
      failures++;
      const reason = reasonFor(cell, id);
      const message = `${outcome?.verdict ?? 'not made'}${reason === undefined ? '' : ` (open: ${reason})`}`;
      return `${head}><failure message="${xml(message)}"/>${output}</testcase>`;
    });
    const skipped = Object.keys(notApplicable).length;
    return [
      `  <testsuite name="${xml(name)}" tests="${attempts.length}" failures="${failures}" errors="0" skipped="${skipped}">`,
      ...cases,
      '  </testsuite>',
    ].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join(
    '\n',
  );
}
