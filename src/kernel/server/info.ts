import { createRequire } from "node:module";
import type { JsonObject } from "../../comms/message.js";
import { PROTOCOL_VERSION } from "./link.js";

const require = createRequire(import.meta.url);
const version = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;

/** Content of `kernel_info_reply`. Reads two small files and loads nothing, so it answers at once. */
export function kernelInfo(): JsonObject {
  const own = version("limpid");
  const typescript = version("typescript");
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "limpid",
    implementation_version: own,
    language_info: {
      name: "typescript",
      version: typescript,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true },
      nbconvert_exporter: "script",
    },
    banner: `Limpid ${own}: TypeScript ${typescript} on Node.js ${process.versions.node}`,
    debugger: false,
    supported_features: [],
    help_links: [
      { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
      { text: "TensorFlow.js", url: "https://js.tensorflow.org/api/latest/" },
      { text: "Node.js", url: "https://nodejs.org/api/" },
    ],
  };
}
