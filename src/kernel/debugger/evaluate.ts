import type { Debugger } from "node:inspector";
import { type Engine, type Evaluated, outcome, type Remote } from "./engine.js";

/** What a reader's expression may take, in milliseconds: it is worked out while all else waits. */
const PATIENCE = 5000;

/** The value of what a reader typed, in a call that is stopped, or where none is in the notebook. Variables have their own names. */
export async function evaluate(
  engine: Engine,
  code: string,
  group: string,
  call?: Debugger.CallFrame,
): Promise<Remote> {
  const expression = (await engine.support("javascript", code)) as string;
  const options = { expression, objectGroup: group, generatePreview: true, silent: true, timeout: PATIENCE };
  await engine.support("lend");
  const began = performance.now();
  try {
    const answer = call
      ? engine.ask<Evaluated>("Debugger.evaluateOnCallFrame", {
          ...options,
          callFrameId: call.callFrameId,
        })
      : engine.ask<Evaluated>("Runtime.evaluate", { ...options, replMode: true });
    return outcome(await answer);
  } catch (error) {
    // Versions of the engine say differently that it was ended.
    if (performance.now() - began < PATIENCE) throw error;
    throw new Error(`The expression took longer than ${PATIENCE / 1000} s and was ended`);
  } finally {
    await engine.support("takeBack");
  }
}
