import { compareCgroups, describeMismatch, type CgroupWants } from '../cgroups/compare-cgroups.ts';
import { guestCgroupsScript, readGuestCgroups } from '../cgroups/read-guest-cgroups.ts';
import type { GuestCheck } from '../emulator/boot-guest.ts';

/** Compares the guest's cgroups with the layout of the profile. */
export function checkCgroups(wants: CgroupWants): GuestCheck {
  const name = `cgroup layout ${wants.layout}`;
  return {
    name,
    run: async (ask) => {
      const mismatches = compareCgroups(readGuestCgroups(await ask(guestCgroupsScript)), wants);
      return [
        {
          name,
          failures: mismatches.filter(({ breaks }) => breaks).map(describeMismatch),
          warnings: mismatches
            .filter(({ breaks }) => !breaks)
            .map((mismatch) => `${describeMismatch(mismatch)} (no container needs it)`),
        },
      ];
    },
  };
}
