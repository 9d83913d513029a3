type Attributes = { [name: string]: string | number | boolean | undefined };

/** Makes an HTML element: attributes by name (true: present, false or undefined: absent), then its children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** Makes an SVG element: attributes by name, then its text. */
export function svg(tag: string, attributes: Record<string, string | number>, words = ""): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.textContent = words;
  return made;
}

/** Writes a line in which a part between asterisks is emphasized; never as HTML. */
export function emphasize(target: HTMLElement, line: string): void {
  const parts = line.split(/\*([^*]+)\*/);
  target.replaceChildren(...parts.map((part, index) => (index % 2 === 1 ? element("em", {}, part) : part)));
}

let made = 0;

/** An identifier that no other element of the page has. */
export function uniqueId(): string {
  made += 1;
  return `limpid-${made}`;
}
