/** tslab's own kernel, where this process is one: it shows forms by MIME type, and no widgets. */
import { createRequire } from "node:module";
import type { MimeBundle } from "../../comms/host.js";
import type { JsonObject } from "../../comms/message.js";

interface Content {
  data: MimeBundle;
  metadata: JsonObject;
  transient: { display_id: string };
}

type WriteDisplayData = (content: Content, update: boolean) => void;

/** What shows a value's forms below the running cell; undefined in any other process. */
export function stockDisplay(): WriteDisplayData | undefined {
  const { cache } = createRequire(import.meta.url);
  // What tslab's own `display` finds its kernel by.
  const jupyter = Object.keys(cache).find((path) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(path));
  const { lastWriteDisplayData } = (jupyter !== undefined && cache[jupyter]?.exports) || {};
  return typeof lastWriteDisplayData === "function" ? lastWriteDisplayData : undefined;
}
