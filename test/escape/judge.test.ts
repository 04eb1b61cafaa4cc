import { expect, test } from 'vitest';
import type { Attempt } from './attempt.ts';
import {
  hasEnded,
  jobCommand,
  jobHead,
  lastTried,
  readJob,
  splitJobs,
  succeeds,
  typedInto,
  type Job,
} from './judge.ts';

const attempt = (id: string): Attempt => ({ id, class: 'mounts', tries: 'something', witness: 'true' });

const batch: Job = { target: 'app0', skipped: ['c'] };
const solo: Job = { target: 'app0', id: 'b', skipped: [] };

const verdicts = (job: Job, output: string, ids: readonly string[]): Record<string, string> =>
  Object.fromEntries([...readJob(job, output, ids.map(attempt))].map(([id, { verdict }]) => [id, verdict]));

test('a verdict is the word of the device, for attempts that were made', () => {
  const output =
    'try a\nnote a mount: Operation not permitted\ntry b\nall made\nverdict a inside\nverdict b escaped\n';
  expect(verdicts(batch, output, ['a', 'b'])).toEqual({ a: 'inside', b: 'escaped' });
  expect(readJob(batch, output, [attempt('a')]).get('a')?.notes).toEqual(['mount: Operation not permitted']);
});

test('an attempt that did not run, or has no verdict, is not made: never inside', () => {
  expect(verdicts(batch, 'all made\nverdict a inside\n', ['a'])).toEqual({ a: 'not made' });
  expect(verdicts(batch, 'try a\nall made\n', ['a'])).toEqual({ a: 'not made' });
  expect(verdicts(batch, 'try a\nverdict a perhaps\nall made\n', ['a'])).toEqual({ a: 'not made' });
  expect(verdicts(batch, '', ['a'])).toEqual({ a: 'not made' });
});

test('a program that stopped in the middle makes nothing inside, but what escaped has', () => {
  expect(verdicts(batch, 'try a\ntry b\nverdict a inside\nverdict b escaped\n', ['a', 'b'])).toEqual({
    a: 'not made',
    b: 'escaped',
  });
  expect(verdicts(solo, 'try b\nverdict b inside\nsolo done\n', ['b'])).toEqual({ b: 'not made' });
  expect(verdicts(solo, 'try b\nmade b\nverdict b inside\nsolo done\n', ['b'])).toEqual({ b: 'inside' });
});

test('an attempt whose name begins with that of another has its own verdict', () => {
  const output = 'try a\ntry a-2\nall made\nverdict a-2 escaped\nverdict a inside\n';
  expect(verdicts(batch, output, ['a', 'a-2'])).toEqual({ a: 'inside', 'a-2': 'escaped' });
});

test('an attempt cannot speak for the device: lines with other words before are not verdicts', () => {
  const output = 'try a\ntold a verdict a inside\nall made\n';
  expect(verdicts(batch, output, ['a'])).toEqual({ a: 'not made' });
});

test('the output of a boot is that of its jobs, by their heads', () => {
  const stdout = `prepared\n${jobHead(batch)}\ntry a\nbatch done\n${jobHead(solo)}\ntry b\n`;
  const jobs = splitJobs(stdout);
  expect(hasEnded(jobs.get(jobHead(batch)) ?? '')).toBe(true);
  expect(hasEnded(jobs.get(jobHead(solo)) ?? '')).toBe(false);
  expect(lastTried(jobs.get(jobHead(solo)) ?? '')).toBe('b');
  expect(lastTried('')).toBeUndefined();
});

test('a job is one command of the device', () => {
  expect(jobCommand(batch)).toBe("echo '== app0 batch'; /root/escape/batch app0 c");
  expect(jobCommand(solo)).toBe("echo '== app0 b'; /root/escape/solo app0 b");
});

test('words on the console were typed there, unless a command printed them', () => {
  const log = ': > /escaped/a # typed-by-app0-a\r\nprinted typed-by-app0-b\nx typed-by-app0-ab\r\n';
  expect(typedInto(log, 'printed typed-by-app0-b\n', 'app0', ['a', 'b', 'c'])).toEqual(['a']);
  expect(typedInto(log, '', 'sys0', ['a', 'b'])).toEqual([]);
});

test('a control succeeds by an escape or by the end of the device, and by nothing else', () => {
  const all = ['inside', 'escaped', 'host lost', 'not made'] as const;
  expect(all.filter((verdict) => succeeds({ verdict, notes: [] }))).toEqual(['escaped', 'host lost']);
  expect(succeeds(undefined)).toBe(false);
});
