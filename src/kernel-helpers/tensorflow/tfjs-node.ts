import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageFile } from "../platform/files.js";

const require = createRequire(import.meta.url);

/** Where tfjs-node's files lie: those that npm installed and whose addon is there, else those that a packed Limpid carries. */
const files = {
  backend: { installed: "@tensorflow/tfjs-node", carried: "tfjs-node.cjs" },
  messages: { installed: "@tensorflow/tfjs-node/dist/proto/api_pb.js", carried: "tfjs-node-messages.cjs" },
} as const;

/**
 * Loads tfjs-node, or the classes of TensorFlow's messages that come with it. Required rather than imported: to import it, Node would first
 * read all of its sources for the names that they export.
 */
export function requireTfjsNode(file: keyof typeof files): unknown {
  const { installed, carried } = files[file];
  const bundled = packageFile("build", "bundle", carried);
  return require(isInstalled() || !existsSync(bundled) ? installed : bundled);
}

function isInstalled(): boolean {
  try {
    const folder = dirname(require.resolve("@tensorflow/tfjs-node/package.json"));
    return existsSync(join(folder, "lib", "napi-v8", "tfjs_binding.node"));
  } catch {
    return false;
  }
}
