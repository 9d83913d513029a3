import { inspect } from "node:util";
import type { MimeBundle } from "../../comms/host.js";
import type { Shown } from "../interpreter.js";
import * as shown from "../shown.js";

/** How the value of a cell's last expression is shown; undefined when it shows nothing. */
export const show = (value: unknown): Promise<Shown | undefined> => shown.show(value, inspect);

/** How values are shown that do not decide for themselves. */
export const defaultBundle = (value: unknown): MimeBundle => shown.defaultBundle(value, inspect);
