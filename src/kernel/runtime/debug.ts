/** What a debugger sees and changes of the notebook's variables. */
import type { Box } from "../cell.js";
import type { DebugSupport } from "../debug-support.js";

export function debugVariables(
  boxes: ReadonlyMap<string, Box>,
  box: (variable: string) => Box,
): Pick<DebugSupport, "variables" | "assign" | "lend" | "takeBack"> {
  /** What stood on `globalThis` under the names that are lent. */
  let lent: Map<string, PropertyDescriptor | undefined> | undefined;

  function takeBack(): void {
    for (const [name, was] of lent ?? []) {
      if (was) Object.defineProperty(globalThis, name, was);
      else Reflect.deleteProperty(globalThis, name);
    }
    lent = undefined;
  }

  return {
    variables() {
      const values: Record<string, unknown> = Object.create(null);
      for (const [name, variable] of boxes) {
        try {
          values[name] = variable.v;
        } catch {
          // What a module exports has no value before the module has come to it.
        }
      }
      return values;
    },
    assign: (name, value) => {
      box(name).v = value;
    },
    lend() {
      takeBack();
      lent = new Map();
      for (const [name, variable] of boxes) {
        const was = Object.getOwnPropertyDescriptor(globalThis, name);
        if (was?.configurable === false) continue;
        lent.set(name, was);
        const set = (value: unknown): void => {
          variable.v = value;
        };
        Object.defineProperty(globalThis, name, { get: () => variable.v, set, configurable: true });
      }
    },
    takeBack,
  };
}
