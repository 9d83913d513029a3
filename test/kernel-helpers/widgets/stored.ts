import { type MimeBundle, tellShown } from "../../../src/comms/host.js";
import type { JsonObject } from "../../../src/comms/message.js";

/** What a notebook's file gets of a widget that is displayed; empty where it has no picture. */
export async function storedForms(widget: object): Promise<{ forms: MimeBundle; metadata: JsonObject }> {
  let stored: { forms: MimeBundle; metadata: JsonObject } = { forms: {}, metadata: {} };
  const showing = tellShown(widget, (forms, metadata) => {
    stored = { forms, metadata };
  });
  await showing?.stored;
  showing?.end();
  return stored;
}

/** The bytes of its PNG. */
export async function storedPng(widget: object): Promise<Buffer> {
  const { forms } = await storedForms(widget);
  return Buffer.from(forms["image/png"] as string, "base64");
}
