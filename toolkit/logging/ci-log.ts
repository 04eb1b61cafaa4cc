import { toPrintable } from './display-width.ts';

/** Variables that identify a CI service. */
export interface CiEnvironment {
  readonly GITHUB_ACTIONS?: string | undefined;
  readonly GITLAB_CI?: string | undefined;
}

/** The end of a step whose tools printed something. */
export interface StepLog {
  readonly step: string;
  /** The outcome, as a line. */
  readonly header: string;
  readonly failed: boolean;
  readonly reason: string | undefined;
  readonly seconds: number;
  /** The end of the step's log. */
  readonly lines: readonly string[];
}

/** How the log of one service is written. */
export interface CiLog {
  /** Escapes a line so that the service reads it as text, whatever a tool put into it. */
  readonly line: (text: string) => string;
  /** The lines for a step's end with its log below, folded unless the step failed. */
  readonly step: (log: StepLog) => string[];
}

/** Why a step failed, in the words of a compiler: `file.c:42:9: error: …`, as gcc and clang write it. */
const COMPILER_ERROR = /^(\S[^:]*):(\d+):(?:(\d+):)? (?:fatal )?error: (.+)$/;

/**
 * Workflow commands: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. The runner
 * reads a line as a command if it starts with `::` after blanks, or contains the older `##[` anywhere.
 */
const github: CiLog = {
  line: (text) =>
    text
      .replaceAll('\r', ' ')
      .replace(/^([\s\x85]*):(?=:)/, '$1: ')
      .replaceAll('##[', '## ['),
  step: (log) => {
    // GitHub folds every group, so the error is printed above its group.
    const above = log.failed ? [github.line(log.header), errorCommand(log)] : [];
    if (log.lines.length === 0) return log.failed ? above : [github.line(log.header)];
    const title = log.failed ? `the end of the log of ${log.step}` : log.header;
    return [...above, `::group::${escapeData(title)}`, ...log.lines.map(github.line), '::endgroup::'];
  },
};

/** The annotation for a failed step, with the place that the compiler named; the path is the compiler's own. */
function errorCommand({ step, reason = 'failed', lines }: StepLog): string {
  const [, file, line, col, message] =
    lines.map((text) => COMPILER_ERROR.exec(text)).find((match) => match !== null) ?? [];
  const properties = Object.entries({ title: step, file, line, col })
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${escapeProperty(value)}`]))
    .join(',');
  return `::error ${properties}::${escapeData(toPrintable(message ?? reason))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** To the end of the line; GitLab wants it around a marker. */
const CLEAR_LINE = '\x1b[0K';

/** Each section of a job needs a unique name, and the same step ends once per board. */
let sections = 0;

/** Collapsible sections: https://docs.gitlab.com/ci/jobs/job_logs/. */
const gitlab: CiLog = {
  line: (text) => text.replace(/section_(?=(?:start|end):)/g, 'section '),
  step: ({ step, header, failed, seconds, lines }) => {
    if (lines.length === 0) return [gitlab.line(header)];
    const name = `lxc_kit_${++sections}_${step.replace(/[^\w.-]/g, '_')}`;
    const end = Math.floor(Date.now() / 1000);
    const start = end - Math.round(seconds);
    const options = failed ? '' : '[collapsed=true]';
    return [
      `${CLEAR_LINE}section_start:${start}:${name}${options}\r${CLEAR_LINE}${gitlab.line(header)}`,
      ...lines.map(gitlab.line),
      `${CLEAR_LINE}section_end:${end}:${name}\r${CLEAR_LINE}`,
    ];
  },
};

const SERVICES: readonly { readonly variable: keyof CiEnvironment; readonly log: CiLog }[] = [
  { variable: 'GITHUB_ACTIONS', log: github },
  { variable: 'GITLAB_CI', log: gitlab },
];

/** The service whose log is written, or undefined. */
export function ciLog(env: CiEnvironment): CiLog | undefined {
  return SERVICES.find(({ variable }) => env[variable] === 'true')?.log;
}
