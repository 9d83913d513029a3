/** Controls that have much in common: rows of a table, cards of a gallery. Of these, tests operate some. */

import { EVERY } from "../every.js";

/** So many controls that are alike are operated. */
const ALIKE = EVERY ? Number.POSITIVE_INFINITY : 1;

/** What a control has in common with others of its widget. Runs in the page. */
export const likeness = (element: Element): string =>
  [element.localName, element.getAttribute("type"), element.className, element.parentElement?.className]
    .concat(
      element.closest("[data-writes]")?.getAttribute("data-writes") ?? "",
      element.parentElement?.parentElement?.className ?? "",
    )
    .join("|");

/** Of controls that are alike the first and the last ones. */
export function sampled<T extends { readonly alike: string }>(controls: readonly T[]): T[] {
  return controls.filter((control, at) => {
    const [before, behind] = [controls.slice(0, at), controls.slice(at + 1)].map(
      (others) => others.filter(({ alike }) => alike === control.alike).length,
    ) as [number, number];
    return Math.min(before, behind) < ALIKE / 2;
  });
}
