import { fingerprintHash } from '../engine/fingerprint.ts';
import { sharedFingerprint } from '../engine/shared-name.ts';
import { StepStore } from '../engine/step-store.ts';
import { createSteps } from '../steps/index.ts';
import { findStep } from '../session/find-step.ts';
import { openBuild, type BoardOptions } from '../session/open-build.ts';
import { planBuild } from '../session/plan-build.ts';
import { describePlanned } from './plan.ts';
import { redactValue } from '../base/redact-secrets.ts';
import { print } from './terminal.ts';

/** `lxc-kit explain STEP`: what its fingerprint is made of, why it last ran, and what the next build would do. */
export async function explain(id: string, options: BoardOptions): Promise<void> {
  const build = await openBuild(options);
  const step = findStep(createSteps(build), id);
  const store = new StepStore(build.outDir);
  const planned = await planBuild(build, [step]);
  const now = planned.steps.find((one) => one.step.id === id);
  print(`step: ${id}`);
  if (now !== undefined) print(`now: ${describePlanned(now)}`);
  const stamp = store.readStamp(id);
  if (stamp === undefined) return;
  const { fingerprint } = stamp;
  print(`last ran: because ${stamp.reason}; it took ${stamp.seconds.toFixed(1)} s`);
  print(`fingerprint: ${fingerprintHash(fingerprint)}`);
  if (step.sharedAs !== undefined)
    print(`shared as: ${step.sharedAs.id}, ${fingerprintHash(sharedFingerprint(step, fingerprint))}`);
  print(`  revision: ${fingerprint.revision}`);
  for (const [name, value] of Object.entries(fingerprint.settings))
    print(`  setting ${name}: ${JSON.stringify(redactValue(value))}`);
  for (const [name, hash] of Object.entries(fingerprint.files)) print(`  file ${name}: ${hash}`);
  for (const [name, digest] of Object.entries(fingerprint.needs)) print(`  made by ${name}: ${digest}`);
}
