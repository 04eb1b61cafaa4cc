import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { KitError } from '../../../toolkit/base/errors.ts';
import { redactUrls, starUrls } from '../../../toolkit/base/redact-urls.ts';
import { redactValue } from '../../../toolkit/base/redact-secrets.ts';
import { ToolLog } from '../../../toolkit/host/tool-log.ts';
import { createLogger, type LogFormat } from '../../../toolkit/logging/create-logger.ts';
import { formatError, jsonError } from '../../../toolkit/logging/format-error.ts';
import { scratchDir } from '../scratch.ts';

const URL_WITH_LOGIN = 'https://me:geheim@files.example/lxc.tar.gz?token=geheim&x=1';

test('cuts logins from a text, also those with quotes and signs', () => {
  expect(redactUrls(`a ${URL_WITH_LOGIN} b`)).toBe('a https://files.example/lxc.tar.gz?… b');
  expect(redactUrls("ftp://u:p'w%40@@host/x socks5://:pw@proxy:1")).toBe('ftp://host/x socks5://proxy:1');
  expect(redactUrls('mail me@host, http://host/@you')).toBe('mail me@host, http://host/@you');
});

test('a line of a file keeps its columns', () => {
  const line = `  url: ${URL_WITH_LOGIN} # end`;
  expect(starUrls(line)).toBe('  url: https://*********@files.example/lxc.tar.gz?**************** # end');
  expect(starUrls(line)).toHaveLength(line.length);
});

test('in values of JSON every text is looked at', () => {
  expect(redactValue({ a: [URL_WITH_LOGIN], sourceLine: 'x://a:b@c', n: 1, no: null })).toEqual({
    a: ['https://files.example/lxc.tar.gz?…'],
    sourceLine: 'x://***@c',
    n: 1,
    no: null,
  });
});

test('neither errors nor diagnostics show it', () => {
  const location = { file: 'b.yaml', line: 1, column: 3, sourceLine: `u: ${URL_WITH_LOGIN}` };
  const found = { location, message: `is "${URL_WITH_LOGIN}"`, help: `not ${URL_WITH_LOGIN}` };
  const errors = [
    new KitError('SOURCE_UNAVAILABLE', URL_WITH_LOGIN, { lines: [URL_WITH_LOGIN], hint: URL_WITH_LOGIN }),
    new DiagnosticsError('PROFILE_INVALID', [found]),
    new Error(URL_WITH_LOGIN),
  ];
  for (const error of errors) {
    expect(formatError(error, { colour: false })).not.toContain('geheim');
    expect(jsonError(error)).not.toContain('geheim');
  }
  expect(formatDiagnostic(found)).not.toContain('geheim');
});

test.each(['json', 'plain', 'auto'] as const)('a log in the format %s does not', (format: LogFormat) => {
  let text = '';
  const stream = { write: (piece: string) => (text += piece) };
  const options = { format, stream, isTty: false, columns: () => 80, env: {}, now: () => 0 };
  const logger = createLogger(options);
  logger.emit({ type: 'warning', step: 's', message: `see ${URL_WITH_LOGIN}` });
  logger.close();
  expect(text).toContain('files.example');
  expect(text).not.toContain('geheim');
});

test('nor does the log of a tool, whose other bytes stay', () => {
  const file = join(scratchDir(), 'tool.log');
  appendFileSync(file, '');
  const log = new ToolLog(file);
  log.write(Buffer.concat([Buffer.from(`get ${URL_WITH_LOGIN} \u00e9`), Buffer.from([0xff, 10])]));
  log.write(`again ${URL_WITH_LOGIN}\n`);
  log.close();
  expect(readFileSync(file).toString('latin1')).toBe(
    `get https://files.example/lxc.tar.gz?... \u00c3\u00a9\u00ff\nagain https://files.example/lxc.tar.gz?${Buffer.from('…').toString('latin1')}\n`,
  );
});
