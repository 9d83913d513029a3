import { existsSync } from "node:fs";
import { join } from "node:path";
import { CACHE, IS_CLONE, ROOT } from "./paths.mjs";

/** The folder with tfjs-node's addon and, beside it, TensorFlow's libraries: in a clone tfjs-node's own. */
export const addonHome = IS_CLONE ? join(ROOT, "node_modules", "@tensorflow", "tfjs-node") : join(CACHE, "tfjs-node");

export const addon = join(addonHome, "lib", "napi-v8", "tfjs_binding.node");

/** Says that the addon cannot be built on this machine. */
export const fallbackStamp = join(CACHE, "webassembly");

/** Whether a set-up has tried to build it. */
export const wasTried = () => existsSync(fallbackStamp);

/**
 * What tfjs-node asks node-pre-gyp: where the addon lies. In the bundle this module takes the place of node-pre-gyp.
 *
 * @public
 */
export const find = () => addon;
