import { choice, integer, list, nullable, type StateOf, type Trait, text } from "../../../comms/states/traits.js";
import { column, titled } from "../../pictures/drawing/static-picture.js";
import { pictureOrWords } from "../../pictures/drawing/words-picture.js";
import type { Widget } from "../../widgets/base/widget.js";
import { anyWidgetTrait } from "../../widgets/base/widget-class.js";
import { type Fail, shown } from "../control.js";

const titles: Trait<string[]> = list(text());

const boxed = {
  children: list(anyWidgetTrait),
  box_style: choice("", "success", "info", "warning", "danger"),
  /** One for each child; those that are missing are empty. */
  titles,
  /** The child that is open; null: none. */
  selected_index: nullable(integer()),
};

type Boxed = StateOf<typeof boxed>;

/** Each child has a title, and what is open is one of them. */
function keepSelected(next: Boxed, names: ReadonlySet<PropertyKey>, fail: Fail<typeof boxed>): void {
  const { children, titles: given, selected_index: selected } = next;
  if (given.length !== children.length) next.titles = Object.freeze(children.map((_, i) => given[i] ?? "")) as string[];
  if (selected === null || (selected >= 0 && selected < children.length)) return;
  if (names.has("selected_index")) fail("selected_index", `null or from 0 to ${children.length - 1}`);
  next.selected_index = null;
}

/** Tabs always have one open, where there are any. */
function keepOpen(next: Boxed, names: ReadonlySet<PropertyKey>, fail: Fail<typeof boxed>): void {
  keepSelected(next, names, fail);
  if (next.selected_index === null && next.children.length > 0 && !names.has("selected_index")) next.selected_index = 0;
}

export type TabOptions = Partial<Omit<Boxed, "children">> & { layout?: object; tooltip?: string | null };

/** What is open of a container, or all of it, each under its title. */
function picture(container: Boxed, places: readonly number[]) {
  return column(
    places.map((place) => {
      const drawn = pictureOrWords(container.children[place] as Widget);
      const title = container.titles[place] ?? "";
      return title === "" ? drawn : titled(title, drawn);
    }),
  );
}

const inWords = (kind: string, { children, titles: names }: Boxed) =>
  `${kind} of ${children.map((child, i) => (names[i] ? `${names[i]}: ${child}` : String(child))).join("; ")}`;

/**
 * Widgets of which the reader sees one, chosen by tabs.
 *
 * @example
 * display(new Tab([photo, settings], { titles: ["Photo", "Settings"] }));
 */
export class Tab extends shown("Tab", boxed, { constrain: keepOpen }) {
  constructor(children: Widget[] = [], options: TabOptions = {}) {
    super({ ...options, children });
  }

  override staticPicture() {
    return this.selected_index === null ? null : picture(this, [this.selected_index]);
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return inWords("Tab", this);
  }
}

/** Widgets below each other that open and close by their titles; none is open at first. */
export class Accordion extends shown("Accordion", boxed, { constrain: keepSelected }) {
  constructor(children: Widget[] = [], options: TabOptions = {}) {
    super({ ...options, children });
  }

  override staticPicture() {
    return picture(this, [...this.children.keys()]);
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return inWords("Accordion", this);
  }
}

/** Widgets of which `selected_index` says which one is seen. */
export class Stack extends shown("Stack", boxed, { constrain: keepSelected }) {
  constructor(children: Widget[] = [], options: TabOptions = {}) {
    super({ ...options, children });
  }

  override staticPicture() {
    return this.selected_index === null ? null : picture(this, [this.selected_index]);
  }

  override pictured() {
    return this.children;
  }

  override toString(): string {
    return inWords("Stack", this);
  }
}
