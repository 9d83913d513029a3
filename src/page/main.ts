/** The script of a report's page: shows what the file holds, then runs the notebook again where it can. */

import type * as Plotly from "plotly.js-cartesian-dist-min";
import type { ReportManifest } from "../reports/format.js";
import { joined, type PrecomputedTable } from "../reports/table.js";
import { takePlotlyFrom } from "../widgets/parts/plotly.js";
import { sayState, watchLevels } from "./badges.js";
import { blobBytes, blobString, readManifest, viewElement } from "./document.js";
import { widgetMenu } from "./downloads.js";
import { PageManager } from "./manager.js";
import { StoredStates } from "./precomputed.js";
import { Replay } from "./replay.js";
import { sayBroken, statusBar } from "./status.js";
import { showStored } from "./stored.js";
import { verificationButton } from "./verification.js";

async function main(): Promise<void> {
  const manifest = readManifest();
  const manager = new PageManager();
  takePlotlyFrom(() => plotly(manifest));
  const shown = await showStored(manifest, manager);
  watchLevels(manifest);
  offerDownloads(manifest, manager);
  try {
    await answerFromStates(manifest, manager);
  } catch (error) {
    console.error(error);
    const words = `The stored states cannot be read: ${messageOf(error)}`;
    for (const { views } of manifest.tables) for (const view of views) sayState(view, { words, rounded: false });
  }
  document.documentElement.dataset["limpid"] = "stored";
  const compare = verificationButton(manifest);
  let bar: ReturnType<typeof statusBar> | undefined;
  const replay: Replay = new Replay(manifest, manager, shown, (state) => {
    document.documentElement.dataset["limpid"] = state.phase;
    bar ??= statusBar(compare ? [compare] : []);
    bar.show(state, replay);
  });
  if (!replay.possible) {
    if (compare) document.querySelector(".colophon")?.append(compare);
    return;
  }
  await wholeFile();
  // The reader sees the stored pictures first.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  await replay.run();
}

/** Lets widgets choose among the states that the file has. */
async function answerFromStates({ tables }: ReportManifest, manager: PageManager): Promise<void> {
  const own = tables.map(({ table }) => table as unknown as PrecomputedTable);
  for (const { table, parts } of joined(own)) {
    const bytes = await Promise.all(parts.map((part) => blobBytes(tables[part]!.blobs[0]!)));
    const bytesOf = new Map(
      parts.flatMap((part, at) => own[part]!.states.map((state) => [state, bytes[at]!] as const)),
    );
    const views = new Set(parts.flatMap((part) => tables[part]!.views));
    const states = new StoredStates(manager, table, bytesOf, (seen) => {
      for (const view of views) sayState(view, seen);
    });
    await states.begin();
  }
}

/** What the page computes with stands behind this script. */
async function wholeFile(): Promise<void> {
  if (document.readyState !== "loading") return;
  await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

/** A menu beneath each widget that saves what it shows. */
function offerDownloads({ title, views }: ReportManifest, manager: PageManager): void {
  for (const at of views.keys()) {
    const place = viewElement(at);
    const badge = document.querySelector(`[data-level-of="${at}"]`);
    if (place === null || badge === null) continue;
    const isExact = () => place.dataset["state"] === "live" || !badge.hasAttribute("data-rounded");
    badge.append(widgetMenu(place, () => manager.shownIn(place), `${title} figure ${at + 1}`, isExact));
  }
}

/** Plotly, which is no part of this script: few reports draw charts. */
async function plotly({ charts }: ReportManifest): Promise<typeof Plotly> {
  const page = globalThis as unknown as { Plotly?: typeof Plotly };
  if (page.Plotly === undefined) {
    if (charts === undefined) throw new Error("This report does not hold what draws charts");
    const script = document.createElement("script");
    script.textContent = await blobString(charts);
    document.head.append(script);
    script.remove();
  }
  return page.Plotly!;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

main().catch((error: unknown) => {
  console.error(error);
  document.documentElement.dataset["limpid"] = "broken";
  sayBroken(messageOf(error));
});
