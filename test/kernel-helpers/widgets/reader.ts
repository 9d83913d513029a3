/** A reader at work: what he does with a widget in random sequences, a front end that looks at it, and a kernel that can be interrupted. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { provideHost } from "../../../src/comms/host.js";
import type { JsonObject } from "../../../src/comms/message.js";
import type { Widget } from "../../../src/kernel-helpers/widgets/base/widget.js";
import { FrontEnd, turn } from "../../comms/front-end.js";
import { EVERY } from "../../every.js";

/** Sequences of actions for each widget; `LIMPID_SEQUENCES=5000 npm test -- labels` tries more. */
export const SEQUENCES = Number(process.env["LIMPID_SEQUENCES"] ?? (EVERY ? 200 : 60));
/** Turns of the event loop in which a change has to take effect while a run goes on. */
export const AT_ONCE = 20;

/** What a reader does: changes traits, sends an event, interrupts the kernel, or waits some turns. */
export type Action = { set: JsonObject } | { event: JsonObject } | { interrupt: true } | { turns: number };

export const change = (values: { [trait: string]: fc.Arbitrary<unknown> }) =>
  fc.oneof(
    ...Object.entries(values).map(([name, value]) =>
      value.map((given): Action => ({ set: { [name]: given } as JsonObject })),
    ),
  );
export const event = (...names: string[]) =>
  fc.constantFrom(...names).map((name): Action => ({ event: { event: name } }));
const some = fc.integer({ min: 1, max: 4 }).map((turns): Action => ({ turns }));
export const sequence = (...actions: fc.Arbitrary<Action>[]) =>
  fc.array(fc.oneof(...actions, some), { minLength: 1, maxLength: 8 });

export const methodOf = (content: JsonObject) => (content["data"] as { method?: string } | undefined)?.method;

export interface State extends JsonObject {
  // biome-ignore lint/suspicious/noExplicitAny: the state of any of the four widgets
  [trait: string]: any;
}

/** A widget with a front end that looks at it, and a kernel that can be interrupted. */
export function seen<W extends Widget>(make: () => W) {
  const frontEnd = new FrontEnd();
  let interrupted = false;
  const check = () => {
    if (interrupted) throw new Error("interrupted");
  };
  provideHost({
    comms: frontEnd.manager,
    display: () => {},
    clearOutput: () => {},
    format: () => ({}),
    poll: () => 0,
    check,
  });
  const widget = make();
  return {
    widget,
    /** What the front end has when the frame is over. */
    state() {
      frontEnd.manager.flush();
      return frontEnd.models.get(widget.id) as State | undefined;
    },
    frontEnd,
    async act(action: Action, look: () => Promise<void> | void, ...files: Uint8Array[]) {
      if ("set" in action) frontEnd.update(widget.id, action.set);
      if ("event" in action) frontEnd.custom(widget.id, action.event, files);
      if ("interrupt" in action) interrupted = true;
      const turns = "turns" in action ? action.turns : 1;
      for (let left = turns; left > 0; left--) await look();
      await turn();
      if ("interrupt" in action) {
        const works = () => {
          const { playing, running } = this.state()!;
          return playing ?? running;
        };
        for (let turns = AT_ONCE; turns > 0 && works(); turns--) await turn();
        interrupted = false;
        assert.equal(works(), false, "an interrupt ends what goes on");
      }
      await look();
      assert.deepEqual(frontEnd.reported, []);
    },
  };
}

export const close = (value: number, expected: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(value - expected) <= tolerance * (1 + Math.abs(expected)), `${what}: ${value}, not ${expected}`);

/** `Uint8Array` of what crossed the wire. */
export const bytesOf = ({ data }: { data: ArrayBufferView }) =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
export const floatsOf = ({ data }: { data: ArrayBufferView }) => new Float32Array(bytesOf({ data }).slice().buffer);
