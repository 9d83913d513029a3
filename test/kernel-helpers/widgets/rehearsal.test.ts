import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Rehearsal } from "../../../src/kernel-helpers/widgets/base/rehearsal.js";

/** Longer than a rehearsal waits. */
const LATER = 700;

test("quick work is done once more in an idle moment, each form once", async () => {
  const rehearsal = new Rehearsal();
  const done: string[] = [];
  const plan = (form: string, took = 100) => rehearsal.plan(form, took, async () => void done.push(form));
  plan("lrp");
  assert.deepEqual(done, []);
  await pause(LATER, undefined, { ref: true });
  assert.deepEqual(done, ["lrp"]);
  plan("lrp");
  await pause(LATER);
  assert.deepEqual(done, ["lrp"]);
  plan("gradient");
  await pause(LATER);
  assert.deepEqual(done, ["lrp", "gradient"]);
});

test("neither slow work nor what something newer has overtaken is rehearsed, and errors are left to the next run", async () => {
  const rehearsal = new Rehearsal();
  const done: string[] = [];
  rehearsal.plan("slow", 5000, async () => void done.push("slow"));
  await pause(LATER);
  rehearsal.plan("overtaken", 10, async () => void done.push("overtaken"));
  rehearsal.plan("newer", 10, async () => {
    done.push("newer");
    throw new Error("not heard");
  });
  await pause(LATER);
  rehearsal.plan("cancelled", 10, async () => void done.push("cancelled"));
  rehearsal.cancel();
  await pause(LATER);
  assert.deepEqual(done, ["newer"]);
});
