import { formatSigned } from "../../comms/format.js";
import { element, uniqueId } from "../parts/dom.js";
import type { ConceptExplorerModel } from "./model.js";

/** The channels of the region as bars: up and down or a click choose one. */
export function channelList(model: ConceptExplorerModel): { element: HTMLElement; show(): void } {
  const list = element("div", {
    id: uniqueId(),
    class: "limpid-concept-channels",
    role: "listbox",
    tabindex: 0,
    "aria-label": "Channels, by their relevance within the region",
  });
  const rest = element("p", { class: "limpid-concept-sum" });
  const row = (words: string, relevance: number, most: number) => {
    const bar = element("span", { class: "limpid-concept-bar", "aria-hidden": "true" });
    const fill = element("span", { class: relevance < 0 ? "limpid-concept-against" : "limpid-concept-for" });
    const share = (50 * Math.abs(relevance)) / most;
    Object.assign(fill.style, { width: `${share}%`, left: `${relevance < 0 ? 50 - share : 50}%` });
    bar.append(fill);
    return [
      element("span", {}, words),
      bar,
      element("span", { class: "limpid-concept-value" }, formatSigned(relevance)),
    ];
  };
  const choose = (channel: number) => model.choose({ channel });
  list.addEventListener("keydown", (event) => {
    const channels = model.trait("channels");
    const at = channels.findIndex(({ channel }) => channel === model.trait("channel"));
    const places: Record<string, number> = {
      ArrowDown: Math.min(at + 1, channels.length - 1),
      ArrowUp: Math.max(at - 1, 0),
      Home: 0,
      End: channels.length - 1,
    };
    const next = channels[places[event.key] ?? -1];
    if (event.key === "Escape" && at >= 0) choose(-1);
    else if (next !== undefined) choose(next.channel);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const show = () => {
    const [channels, chosen] = [model.trait("channels"), model.trait("channel")];
    const [others, beside, sum] = [model.trait("others"), model.trait("rest"), model.trait("sum")];
    const most = Math.max(1e-12, ...channels.map(({ relevance }) => Math.abs(relevance)), Math.abs(beside));
    let active: HTMLElement | undefined;
    list.replaceChildren(
      ...channels.map(({ channel, relevance, whole }) => {
        const isChosen = channel === chosen;
        const item = element(
          "div",
          {
            id: `${list.id}-${channel}`,
            role: "option",
            "aria-selected": String(isChosen),
            title: `Channel ${channel}: ${formatSigned(relevance)} within the region, ${formatSigned(whole)} in the whole layer`,
          },
          ...row(`channel ${channel}`, relevance, most),
        );
        item.addEventListener("click", () => choose(isChosen ? -1 : channel));
        if (isChosen) active = item;
        return item;
      }),
    );
    if (active) {
      list.setAttribute("aria-activedescendant", active.id);
      const [top, bottom] = [active.offsetTop, active.offsetTop + active.offsetHeight];
      if (top < list.scrollTop) list.scrollTop = top;
      else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
    } else list.removeAttribute("aria-activedescendant");
    rest.textContent =
      channels.length === 0
        ? ""
        : `${others > 0 ? `${others} others ${formatSigned(beside)} · ` : ""}together ${formatSigned(sum)}, the region's relevance`;
  };
  return { element: element("div", {}, list, rest), show };
}
