/** How viewers that know no widgets show a notebook's file: which of an output's types they choose, and what they leave of it. */

type Text = string | string[];

interface Output {
  output_type: string;
  text?: Text;
  data?: Record<string, Text>;
  metadata?: Record<string, { width?: number; height?: number }>;
  traceback?: string[];
}

export interface NotebookFile {
  cells: { cell_type: string; source: Text; outputs?: Output[] }[];
}

interface Viewer {
  readonly name: string;
  /** The types that it shows, the one it likes best first. */
  readonly order: readonly string[];
  /** Whether HTML loses its styles, and drawings come as images without fonts or links of the page. */
  readonly sanitizes: boolean;
}

/** GitHub converts by nbconvert's order and takes styles away; VS Code's Jupyter sorts by an order of its own and keeps them. */
export const VIEWERS: readonly Viewer[] = [
  {
    name: "github",
    order: ["text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg", "text/plain"],
    sanitizes: true,
  },
  {
    name: "vscode",
    order: ["text/html", "text/latex", "text/markdown", "image/png", "image/svg+xml", "image/jpeg", "text/plain"],
    sanitizes: false,
  },
];

export const joined = (text: Text | undefined): string => (Array.isArray(text) ? text.join("") : (text ?? ""));
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** The type that a viewer shows of an output; undefined where it has none to show. */
export const chosen = (data: Record<string, Text>, { order }: Viewer): string | undefined =>
  order.find((type) => type in data);

function shownOutput(output: Output, viewer: Viewer): string {
  if (output.text !== undefined) return `<pre>${escaped(joined(output.text))}</pre>`;
  if (output.traceback) return `<pre>${escaped(output.traceback.join("\n"))}</pre>`;
  const data = output.data ?? {};
  const type = chosen(data, viewer);
  if (type === undefined) return `<p><em>nothing to show: ${Object.keys(data).join(", ")}</em></p>`;
  const content = joined(data[type]);
  const { width, height } = output.metadata?.[type] ?? {};
  const size = width && height ? ` width="${width}" height="${height}"` : "";
  switch (type) {
    case "text/html":
      return viewer.sanitizes
        ? content.replaceAll(/ style="[^"]*"/g, "").replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, "")
        : content;
    case "image/svg+xml":
      return `<img src="data:image/svg+xml,${encodeURIComponent(content)}">`;
    case "image/png":
    case "image/jpeg":
      return `<img src="data:${type};base64,${content.replaceAll(/\s/g, "")}"${size}>`;
    default:
      return `<pre>${escaped(content)}</pre>`;
  }
}

/** A page that shows a notebook's file as a viewer does; text cells stand as they were written. */
export function plainPage({ cells }: NotebookFile, viewer: Viewer): string {
  const parts = cells.map(({ cell_type, source, outputs = [] }) =>
    [
      cell_type === "code" ? `<pre class="code">${escaped(joined(source))}</pre>` : `<p>${escaped(joined(source))}</p>`,
      ...outputs.map((output) => shownOutput(output, viewer)),
    ].join("\n"),
  );
  return `<!doctype html><meta charset="utf-8"><title>${viewer.name}</title>
<style>
body { max-width: 980px; margin: 16px auto; padding: 0 16px; font: 14px/1.5 sans-serif; }
pre { overflow: auto; font-size: 12px; } .code { padding: 12px; background: #f6f8fa; } img { max-width: 100%; height: auto; }
</style>
${parts.join("\n")}`;
}
