import sanitizeHtml from "sanitize-html";
import { escaped } from "./escaped.js";

/** What an anchor of the notebook's is called in the page, so that it meets no id of ours and no property of `document`. */
export const anchor = (name: string): string => `h-${name.trim().replaceAll(/\s+/g, "-")}`;

/** What may stand for a picture: bytes in the file itself; an SVG in an `img` runs nothing and loads nothing. */
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)[;,]/i;
/** Where a link may lead: the web, mail, an anchor, a file beside the report. */
const LINK = /^(https?:|mailto:|#|(?![a-z][a-z\d+.-]*:|[\\/]{2})[^\0-\x20])/i;

const LENGTH = String.raw`(?:0|\d{1,4}(?:\.\d{1,3})?(?:px|em|rem|ex|ch|pt|%)?|auto)`;
const COLOR = String.raw`(?:#[\da-f]{3,8}|[a-z]{3,24}|(?:rgb|hsl)a?\([\d\s.,%/deg]{1,60}\))`;
/** A color of Jupyter's theme, and what stands for it elsewhere: values that Limpid shows use them. */
const VALUE = (plain: string) => new RegExp(`^(?:${plain}|var\\(--jp-[a-z\\d-]{1,40}(?:,\\s*(?:${plain}))?\\))$`, "i");
const WORD = [/^[a-z-]{1,24}$/i];
const LENGTHS = [new RegExp(`^${LENGTH}(?:\\s+${LENGTH}){0,3}$`, "i")];
const COLORS = [VALUE(COLOR)];
const BORDER = [
  new RegExp(
    `^(?:none|0|(?:${LENGTH}\\s+)?[a-z]{3,8}(?:\\s+(?:${COLOR}|var\\(--jp-[a-z\\d-]{1,40}(?:,\\s*${COLOR})?\\)))?)$`,
    "i",
  ),
];

/** Properties that move nothing out of its place: no position, no negative margin, no address. */
const STYLES: Record<string, RegExp[]> = {
  ...Object.fromEntries(["color", "background", "background-color", "border-color"].map((name) => [name, COLORS])),
  ...Object.fromEntries(
    [
      ...["margin", "margin-top", "margin-right", "margin-bottom", "margin-left"],
      ...["padding", "padding-top", "padding-right", "padding-bottom", "padding-left"],
      ...["width", "height", "min-width", "max-width", "min-height", "max-height"],
      ...[
        "gap",
        "row-gap",
        "column-gap",
        "border-radius",
        "border-width",
        "border-spacing",
        "text-indent",
        "flex-basis",
      ],
      ...["font-size"],
    ].map((name) => [name, LENGTHS]),
  ),
  ...Object.fromEntries(
    ["border", "border-top", "border-right", "border-bottom", "border-left"].map((name) => [name, BORDER]),
  ),
  ...Object.fromEntries(
    [
      ...["text-align", "text-transform", "vertical-align", "white-space", "word-break", "overflow-wrap", "overflow-x"],
      ...["font-style", "font-variant", "font-variant-numeric", "border-collapse", "border-style", "caption-side"],
      ...["flex-wrap", "flex-direction", "align-items", "justify-content", "image-rendering", "list-style-type"],
      ...["text-decoration", "table-layout"],
    ].map((name) => [name, WORD]),
  ),
  display: [/^(block|inline|inline-block|flex|inline-flex|grid|table|table-row|table-cell|none)$/],
  overflow: [/^(auto|hidden|visible)$/],
  flex: [/^(none|auto|\d{1,2}(\s+\d{1,2}(\s+\d{1,4}(px|%)?)?)?)$/],
  opacity: [/^(0|1|0?\.\d{1,3})$/],
  "font-weight": [/^(bold|normal|[1-9]00)$/],
  "font-family": [VALUE(String.raw`[\w\s,"'-]{1,160}`)],
  "line-height": [/^(normal|\d{1,2}(\.\d{1,3})?(px|em|%)?)$/],
};

const TEXT_TAGS = [
  ...["h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "section", "article", "header", "footer", "aside"],
  ...["ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code", "hr", "br", "wbr", "center", "font"],
  ...[
    "a",
    "b",
    "i",
    "em",
    "strong",
    "u",
    "s",
    "strike",
    "del",
    "ins",
    "sub",
    "sup",
    "small",
    "big",
    "mark",
    "kbd",
    "samp",
  ],
  ...["var", "abbr", "cite", "q", "dfn", "tt", "time", "bdi", "bdo", "ruby", "rb", "rp", "rt"],
  ...["table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "colgroup", "col"],
  ...["figure", "figcaption", "img", "details", "summary", "meter", "progress"],
];

/** Gives the picture of an address as a data: URL, or says why the report has none. */
export type Pictures = (address: string) => { readonly url: string } | { readonly reason: string };

const NO_PICTURES: Pictures = (address) => ({ reason: `the picture at ${address} is not in this file` });

/**
 * HTML of a notebook as it may stand in a report: nothing that runs, loads, asks, floats over other parts, or is named like them.
 *
 * @param pictures Where pictures come from whose addresses are no data: URLs.
 */
export function sanitized(html: string, pictures: Pictures = NO_PICTURES): string {
  return sanitizeHtml(html, {
    allowedTags: TEXT_TAGS,
    // Their content is no text either.
    nonTextTags: [
      ...[
        "script",
        "style",
        "textarea",
        "option",
        "select",
        "noscript",
        "title",
        "template",
        "iframe",
        "object",
        "embed",
      ],
      ...[
        "svg",
        "math",
        "audio",
        "video",
        "canvas",
        "form",
        "head",
        "xmp",
        "noembed",
        "noframes",
        "plaintext",
        "frameset",
      ],
    ],
    allowedAttributes: {
      "*": ["style", "title", "lang", "dir", "align", "valign", "id"],
      a: ["href", "target", "rel"],
      img: ["src", "alt", "width", "height"],
      font: ["color"],
      ol: ["start", "type", "reversed"],
      td: ["colspan", "rowspan"],
      th: ["colspan", "rowspan", "scope"],
      col: ["span"],
      colgroup: ["span"],
      details: ["open"],
      time: ["datetime"],
      meter: ["value", "min", "max", "low", "high", "optimum"],
      progress: ["value", "max"],
    },
    allowedStyles: { "*": STYLES },
    allowedSchemes: ["http", "https", "mailto"],
    allowedSchemesByTag: { img: ["data"] },
    allowedSchemesAppliedToAttributes: ["href", "src"],
    allowProtocolRelative: false,
    nestingLimit: 100,
    transformTags: {
      "*": (tagName, attribs) => {
        const { id, name, ...rest } = attribs;
        const own = id ?? (tagName === "a" ? name : undefined);
        return { tagName, attribs: own === undefined || own === "" ? rest : { ...rest, id: anchor(own) } };
      },
      a: (tagName, attribs) => {
        const { href = "", id, name, title } = attribs;
        const own = id ?? name;
        const kept = { ...(own && { id: anchor(own) }), ...(title && { title }) };
        return { tagName, attribs: { ...kept, ...linkAttributes(href) } };
      },
      img: (tagName, attribs) => {
        const { src = "", alt = "", width, height, style, title } = attribs;
        const found = PICTURE.test(src.trim()) ? { url: src.trim() } : pictures(src);
        if ("reason" in found)
          return { tagName: "em", attribs: {}, text: `${alt === "" ? "" : `${alt}: `}${found.reason}` };
        const size = { ...(isSize(width) && { width }), ...(isSize(height) && { height }) };
        return { tagName, attribs: { src: found.url, alt, ...size, ...(style && { style }), ...(title && { title }) } };
      },
      td: cell,
      th: cell,
    },
  });
}

/** Spans as large as tables are: a browser makes every cell of a billion. */
function cell(tagName: string, attribs: sanitizeHtml.Attributes): sanitizeHtml.Tag {
  const { colspan, rowspan, id, ...rest } = attribs;
  const span = (text: string | undefined) => (text !== undefined && /^\d{1,3}$/.test(text) ? text : undefined);
  const [columns, rows] = [span(colspan), span(rowspan)];
  return { tagName, attribs: { ...rest, ...(columns && { colspan: columns }), ...(rows && { rowspan: rows }) } };
}

const isSize = (text: string | undefined): text is string => text !== undefined && /^\d{1,5}(px|%)?$/.test(text);

/** What a link gets: nothing where it may not lead there. */
function linkAttributes(address: string): Record<string, string> {
  // Browsers drop these before they look at the scheme.
  const plain = address.replace(/[\0-\x20\x7f-\x9f\u200b\u2028\u2029\ufeff]+/g, " ").trim();
  if (!LINK.test(plain)) return {};
  if (plain.startsWith("#")) return plain === "#" ? {} : { href: `#${anchor(decoded(plain.slice(1)))}` };
  return /^https?:/i.test(plain) ? { href: plain, target: "_blank", rel: "noopener noreferrer" } : { href: plain };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A picture of the notebook: never as markup. */
export function picture(url: string, alt: string, size: { width?: number; height?: number } = {}): string {
  const valid = (length: unknown) => typeof length === "number" && length > 0 && length < 1e5;
  const lengths = [
    ...(valid(size.width) ? [` width="${Math.round(size.width!)}"`] : []),
    ...(valid(size.height) ? [` height="${Math.round(size.height!)}"`] : []),
  ];
  return `<img src="${escaped(url)}" alt="${escaped(alt)}"${lengths.join("")}>`;
}
