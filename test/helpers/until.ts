import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/** Waits until something holds, however busy the machine is; fails with `what` when it does not within `wait` ms. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, wait = 120_000): Promise<void> {
  const deadline = Date.now() + wait;
  while (!(await holds())) {
    if (Date.now() > deadline) assert.fail(what);
    await delay(30);
  }
}

/** Waits until what is read differs from what it was, and gives it. */
export async function changed<T>(
  read: () => Promise<T>,
  from: T,
  what = `it stayed ${from}`,
  wait?: number,
): Promise<T> {
  let now = from;
  await until(
    async () => {
      now = await read();
      return now !== from;
    },
    what,
    wait,
  );
  return now;
}
