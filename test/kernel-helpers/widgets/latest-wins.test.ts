import assert from "node:assert/strict";
import { test } from "node:test";
import { LatestWins } from "../../../src/kernel-helpers/widgets/base/latest-wins.js";

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

test("of many calls, the newest is dealt with, once; the run before it is told to give up", async () => {
  let value = 0;
  const seen: number[] = [];
  const aborted: boolean[] = [];
  const runs = new LatestWins(async (signal) => {
    seen.push(value);
    await pause();
    aborted.push(signal.aborted);
  });
  const first = runs.start();
  value = 1;
  await null;
  await null;
  assert.equal(runs.superseded, false);
  for (value of [2, 3, 4]) void runs.start();
  assert.equal(runs.superseded, true);
  await first;
  assert.deepEqual(
    [seen, aborted],
    [
      [1, 4],
      [true, false],
    ],
  );
  await runs.settled();
});

test("stopping tells the run, and the next call runs again; after closing nothing does", async () => {
  let runs = 0;
  const stopped: boolean[] = [];
  const work = new LatestWins(async (signal) => {
    runs++;
    await pause();
    stopped.push(signal.aborted);
  });
  void work.start();
  await null;
  await null;
  work.stop();
  await work.settled();
  await work.start();
  assert.deepEqual([runs, stopped], [2, [true, false]]);
  work.close();
  await work.start();
  assert.equal(runs, 2);
});
