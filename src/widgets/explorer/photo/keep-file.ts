import type { ExplorerReply } from "../../../comms/states/explorer.js";
import { pngOf, saveFile } from "../../parts/save-file.js";

type FileReply = Extract<ExplorerReply, { event: "file" }>;

/** Has the browser save a file that the kernel made; of a PNG file the browser, which has fonts, draws the pixels. */
export async function keepFile(
  { format, name, type, width, height }: FileReply,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const sent = new Blob([bytes], { type });
  saveFile(name, format === "png" ? await pngOf(sent, width, height) : sent);
}
