import { escaped } from "./escaped.js";
import type { Heading } from "./markdown.js";

/** Deeper headings are not listed. */
const DEEPEST = 3;
/** Fewer need no list. */
const FEWEST = 3;

/** The table of contents; empty where there is too little to list. The first heading is the report's title. */
export function contentsHtml(headings: readonly Heading[]): string {
  const listed = headings.filter(({ level, text }) => level <= DEEPEST && text !== "");
  if (listed.length < FEWEST) return "";
  const top = Math.min(...listed.slice(1).map(({ level }) => level));
  const items = nested(listed, top);
  return `<details class="drawer"><summary>Contents</summary><nav class="contents" aria-label="Contents">${items}</nav></details>`;
}

/** Headings as lists within lists; one that skips a level stands as if it had not. */
function nested(headings: readonly Heading[], top: number): string {
  let html = "<ol>";
  let depth = 0;
  headings.forEach(({ level, id, html: words }, at) => {
    const wanted = Math.max(0, level - top);
    const isFirst = at === 0;
    const next = isFirst ? 0 : Math.min(wanted, depth + 1);
    if (!isFirst) {
      if (next > depth) html += "<ol>";
      else html += `</li>${"</ol></li>".repeat(depth - next)}`;
    }
    depth = next;
    html += `<li><a href="#${escaped(encodeURIComponent(id))}">${words}</a>`;
  });
  return `${html}</li>${"</ol></li>".repeat(depth)}</ol>`;
}
