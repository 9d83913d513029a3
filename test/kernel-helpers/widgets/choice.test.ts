/** What a question answers: to a reader, to nobody, in words, in its picture; and what it refuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { currentHost } from "../../../src/comms/host.js";
import { agrees, markOf, verdictWords } from "../../../src/comms/states/choice.js";
import { ParameterError } from "../../../src/explainers/errors.js";
import { TraitError } from "../../../src/kernel-helpers/widgets/base/trait-error.js";
import { WidgetClosedError } from "../../../src/kernel-helpers/widgets/base/widget.js";
import { Choice } from "../../../src/kernel-helpers/widgets/choice/choice.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

const ANSWERS = ["left", "middle", "right"] as const;
const make = () => new Choice("Which *map*?", ANSWERS, { answer: "middle", explanation: "It sums to the score." });
const several = () => new Choice("Which hold?", ANSWERS, { answer: ["right", "left"], multiple: true });

/** A front end whose reader can be asked, or cannot. */
function frontEndWith(hasReader: boolean): FrontEnd {
  const frontEnd = new FrontEnd().attach();
  Object.assign(currentHost()!, { hasReader: () => hasReader });
  return frontEnd;
}

test("it is shown by waiting, resolves with the reader's answer, and remembers it", async () => {
  const frontEnd = frontEndWith(true);
  const choice = make();
  const waited = choice.next();
  let isDone = false;
  void waited.then(() => {
    isDone = true;
  });
  await turn();
  await turn();
  assert.equal(isDone, false);
  assert.equal(frontEnd.displayed.length, 1);
  assert.equal(frontEnd.models.get(choice.id)!["phase"], "waiting");
  frontEnd.update(choice.id, { given: [2] });
  const answer: "left" | "middle" | "right" = await waited;
  assert.equal(answer, "right");
  assert.equal(frontEnd.models.get(choice.id)!["phase"], "open");
  assert.equal(await choice.next(), "right");
  assert.equal(frontEnd.displayed.length, 1);
  assert.deepEqual(frontEnd.reported, []);
});

test("several answers come in the order in which they stand, none is an answer as well", async () => {
  const frontEnd = frontEndWith(true);
  const choice = several();
  const waited = choice.next();
  frontEnd.update(choice.id, { given: [2, 0] });
  const answers: ("left" | "middle" | "right")[] = await waited;
  assert.deepEqual(answers, ["left", "right"]);
  assert.equal(agrees(choice), true);
  const other = several();
  const none = other.next();
  frontEnd.update(other.id, { given: [] });
  assert.deepEqual(await none, []);
  assert.equal(verdictWords(other), "You chose none; the answer is “left” and “right”.");
});

test("where nobody can be asked it takes the stated answer, and stays to be answered", async () => {
  const frontEnd = frontEndWith(false);
  const choice = make();
  assert.equal(await choice.next(), "middle");
  assert.deepEqual(await several().next(), ["left", "right"]);
  assert.equal(choice.given, null);
  assert.equal(frontEnd.models.get(choice.id)!["phase"], "taken");
  assert.match(
    String(choice),
    /^Choice: Which \*map\*\?\n {2}○ left\n.*\nThe answer is “middle”\. It sums to the score\.$/s,
  );
  // What a reader of the page says afterwards is held against it.
  frontEnd.update(choice.id, { given: [0] });
  assert.equal(verdictWords(choice), "You chose “left”; the answer is “middle”.");
  assert.equal(await choice.next(), "left");
});

test("what a view cannot have meant is refused and given back", async () => {
  const frontEnd = frontEndWith(true);
  const choice = make();
  await turn();
  for (const given of [[], [0, 1], [3], [0.5], "left"]) frontEnd.update(choice.id, { given } as never);
  assert.equal(frontEnd.reported.length, 5);
  for (const error of frontEnd.reported) assert.ok(error instanceof TraitError, String(error));
  assert.equal(choice.given, null);
  await turn();
  assert.equal(frontEnd.models.get(choice.id)!["given"], null);
  assert.throws(() => several().set({ given: [1, 1] }), TraitError);
});

test("closing it ends the wait, and so does a signal", async () => {
  frontEndWith(true);
  const choice = make();
  const waited = choice.next();
  choice.close();
  await assert.rejects(waited, WidgetClosedError);
  await assert.rejects(make().next({ signal: AbortSignal.abort(new Error("enough")) }), /enough/);
});

test("the picture for the file has the question, and once it is over the answer and why", () => {
  frontEndWith(true);
  const choice = make();
  const open = choice.staticPicture().svg;
  assert.match(open, /Which <tspan[^>]*>map<\/tspan>/);
  assert.doesNotMatch(open, /✓|It sums/);
  choice.given = [0];
  const answered = choice.staticPicture().svg;
  assert.match(answered, /✗ your answer/);
  assert.match(answered, /✓ right</);
  assert.match(answered, /It sums to the score/);
});

test("marks say of each answer whether it is right and whether it was chosen", () => {
  const state = { solution: [0, 2], given: [0, 1] };
  assert.deepEqual(
    [0, 1, 2, 3].map((place) => markOf(state, place)?.words),
    ["✓ right, your answer", "✗ your answer", "✓ right", undefined],
  );
  assert.equal(agrees(state), false);
  assert.equal(agrees({ ...state, given: [2, 0] }), true);
  assert.equal(agrees({ ...state, given: null }), null);
});

test("a question that cannot be asked names what is wrong with it", () => {
  const wrong: [() => unknown, RegExp][] = [
    [() => new Choice(" ", ["a", "b"], { answer: "a" }), /^question must be a text/],
    [() => new Choice("?", ["a"], { answer: "a" }), /^answers must be 2 to 26 texts/],
    [() => new Choice("?", ["a", "a"], { answer: "a" }), /^answers must be 2 to 26 texts, no two alike/],
    [() => new Choice("?", ["left", "right"], { answer: "lef" as "left" }), /^answer must be one of left, right.*left/],
    [() => new Choice("?", ["a", "b"], { answer: "a" as never, multiple: true }), /^answer must be a list/],
  ];
  for (const [make, message] of wrong) {
    assert.throws(make, (error) => error instanceof ParameterError && message.test(error.message));
  }
});
