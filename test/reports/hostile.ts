/** Notebooks that want to get out of their place in a report: cells that try to run, to load, to cover, or to end the element they stand in. */

/** What a payload does where it runs. */
export const RUN = "globalThis.pwned=(globalThis.pwned||0)+1";

interface HostileCell {
  readonly name: string;
  readonly cell: Record<string, unknown>;
}

const markdown = (name: string, source: string): HostileCell => ({
  name,
  cell: { cell_type: "markdown", metadata: {}, source },
});

const output = (name: string, ...outputs: Record<string, unknown>[]): HostileCell => ({
  name,
  cell: { cell_type: "code", metadata: {}, source: "1", execution_count: 1, outputs },
});

const shown = (name: string, data: Record<string, unknown>, metadata: Record<string, unknown> = {}): HostileCell =>
  output(name, { output_type: "display_data", data, metadata });

const html = (name: string, text: string): HostileCell => shown(name, { "text/html": text, "text/plain": "x" });

const code = (name: string, source: string): HostileCell => ({
  name,
  cell: { cell_type: "code", metadata: {}, source, execution_count: null, outputs: [] },
});

const printed = (name: string, text: string): HostileCell =>
  output(name, { output_type: "stream", name: "stdout", text });

const IMAGE = `<img src=x onerror="${RUN}">`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"><script>${RUN}</script><image href="https://example.invalid/svg.png"/><a href="javascript:${RUN}"><text>x</text></a></svg>`;
const OPEN = "</script></style></template></textarea></title>--></pre></code></div></section></main></body></html>";
const COVER = "position:fixed;inset:0;z-index:999999;background:red;width:100vw;height:100vh";

export const hostileCells: readonly HostileCell[] = [
  // Ends of elements
  markdown("end of script in text", `${OPEN}<script>${RUN}</script>`),
  code("end of script in code", `const a = "${OPEN}<script>${RUN}</script>"; // ]]> <!-- --> \u2028 \u2029 \0`),
  printed("end of script in print", `${OPEN}<script>${RUN}</script><!-- ]]>`),
  html("end of script in HTML", `${OPEN}<script>${RUN}</script>`),
  html("unclosed comment", "<!-- never closed <b>"),
  html("unclosed CDATA", "<![CDATA[ <b> ]]> </div></section>"),
  html("comment that ends oddly", `<!--><img src=x onerror="${RUN}">-->`),
  html("processing instruction", `<?xml version="1.0"?><?php ${IMAGE} ?>`),
  html("plaintext ends no more", "<plaintext>all that follows"),
  html(
    "xmp, noembed, noframes, noscript",
    `<xmp>${IMAGE}</xmp><noembed>${IMAGE}</noembed><noscript>${IMAGE}</noscript>`,
  ),
  html("textarea and title", `<textarea>${IMAGE}</textarea><title>${IMAGE}</title><option>${IMAGE}</option>`),
  html("template", `<template>${IMAGE}</template><template shadowrootmode="open">${IMAGE}</template>`),
  html("table that lets things out", `<table><div></table></div></div></section><tr><td>${IMAGE}</table>`),
  html("formatting that goes on", "<b><i><u><a href='#x'><font color=red><div></b></i></a>"),
  html("deeply nested", "<div>".repeat(20_000)),
  html("deeply nested inline", "<b>".repeat(20_000)),
  markdown("deeply nested lists and quotes", `${"> ".repeat(3000)}x\n\n${"- ".repeat(3000)}x`),
  markdown("deeply nested emphasis and brackets", `${"*a **b ".repeat(3000)}\n\n${"[".repeat(5000)}x`),
  // Scripts
  html("script", `<script>${RUN}</script><SCRIPT SRC=https://example.invalid/x.js></SCRIPT>`),
  html("script in pieces", `<scr<script>ipt>${RUN}</scr</script>ipt>`),
  html("handlers", `<div onclick="${RUN}" onmouseover=${RUN} ONFOCUS='${RUN}' autofocus tabindex=1>x</div>${IMAGE}`),
  html("handler behind a slash", `<img/src/onerror=${RUN}><body/onload=${RUN}><svg/onload=${RUN}>`),
  html("handler without end of quote", `<img src="x" title="a onerror=${RUN} <b> onerror='${RUN}'>`),
  html("backticks as quotes", `<img src=\`x\` onerror=\`${RUN}\`>`),
  html("details that opens", `<details open ontoggle="${RUN}"><summary>x</summary></details>`),
  html(
    "media",
    `<video src=x onerror="${RUN}"></video><audio src=x onerror="${RUN}"></audio><source onerror="${RUN}">`,
  ),
  html(
    "marquee, keygen, isindex",
    `<marquee onstart="${RUN}">x</marquee><keygen autofocus onfocus="${RUN}"><isindex action=javascript:${RUN}>`,
  ),
  // Links
  markdown(
    "javascript links",
    `[a](javascript:${RUN}) [b](JaVaScRiPt:${RUN}) [c](&#106;avascript:${RUN}) <javascript:${RUN}>`,
  ),
  html(
    "javascript links in HTML",
    `<a href="javascript:${RUN}">a</a><a href=" &#1;java&#10;script:${RUN}">b</a><a href="vbscript:x">c</a>`,
  ),
  html(
    "data links",
    `<a href="data:text/html,<script>${RUN}</script>">a</a><a href="blob:x">b</a><a href="file:///etc/passwd">c</a>`,
  ),
  html(
    "links to elsewhere by two slashes",
    '<a href="//example.invalid">a</a><a href="\\\\example.invalid\\x">b</a><img src="//example.invalid/a.png">',
  ),
  html(
    "link with ping and download",
    '<a href="https://example.invalid" ping="https://example.invalid/ping" download="x">a</a>',
  ),
  // Requests
  html(
    "requests",
    '<img src="https://example.invalid/a.png"><img srcset="https://example.invalid/b.png 1x"><link rel=stylesheet href="https://example.invalid/c.css"><link rel=prefetch href="https://example.invalid/d">',
  ),
  html(
    "frames",
    `<iframe src="https://example.invalid"></iframe><iframe srcdoc="<script>parent.${RUN}</script>"></iframe><frameset><frame src="javascript:${RUN}"></frameset>`,
  ),
  html(
    "objects",
    '<object data="https://example.invalid/x.swf"></object><embed src="https://example.invalid/x"><applet code=x></applet>',
  ),
  html(
    "style sheets",
    `<style>@import "https://example.invalid/x.css"; * { display: none !important }</style><div style="background:url(https://example.invalid/x.png)">a</div>`,
  ),
  html(
    "meta and base",
    `<meta http-equiv="refresh" content="0;url=https://example.invalid"><base href="https://example.invalid/"><meta http-equiv="Content-Security-Policy" content="script-src *">`,
  ),
  html(
    "forms",
    `<form action="https://example.invalid" id=f><input name=password autofocus onfocus="${RUN}"><button formaction="javascript:${RUN}">x</button></form><button form=f>y</button>`,
  ),
  markdown(
    "pictures from elsewhere",
    "![a](https://example.invalid/a.png) ![b](//example.invalid/b.png) ![c](file:///etc/hostname) ![d](/etc/hostname) ![e](../../../../../../etc/hostname)",
  ),
  markdown(
    "pictures that are none",
    `![x](javascript:${RUN}) ![y](data:text/html,<script>${RUN}</script>) ![z](data:image/svg+xml,${encodeURIComponent(SVG)})`,
  ),
  // Covering and imitating the page
  html(
    "covers the page",
    `<div style="${COVER}">x</div><div style="position:absolute;margin:-1000px 0 0 -1000px;transform:scale(100)">y</div>`,
  ),
  html(
    "style that hides",
    `<div style="display:block;--page:red;color:expression(${RUN});width:calc(1e9px);-moz-binding:url(x);behavior:url(x)">x</div>`,
  ),
  html(
    "names of the page's parts",
    '<div id="limpid-manifest" class="bar view" data-view="0" data-cell="0" role="status">{}</div><a name="limpid-status">x</a><img name="getElementById" src="data:image/png;base64,AA">',
  ),
  html(
    "names of the document's properties",
    '<a id="cookie" name="body">x</a><form name="forms"></form><div id="createElement">x</div>',
  ),
  html("a table without end", `<table><tr><td colspan="999999999" rowspan="999999999">x</td></tr></table>`),
  // SVG and MathML
  shown("SVG output", { "image/svg+xml": SVG, "text/plain": "svg" }),
  shown("SVG that is none", { "image/svg+xml": `"><script>${RUN}</script>`, "text/plain": '"><script>' }),
  html(
    "SVG in HTML",
    `${SVG}<svg><foreignObject><iframe srcdoc="x"></iframe></foreignObject><use href="data:image/svg+xml,x#y"/><animate onbegin="${RUN}" attributeName=x></svg>`,
  ),
  html(
    "MathML in HTML",
    `<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror=${RUN}>"></math><math href="javascript:${RUN}">x</math>`,
  ),
  html(
    "foreign content that comes back",
    `<svg></p><style><a id="</style><img src=1 onerror=${RUN}>"></svg><math></br><img src=1 onerror=${RUN}></math>`,
  ),
  markdown(
    "mathematics that links",
    `$\\href{javascript:${RUN}}{x}$ $\\url{javascript:${RUN}}$ $\\htmlData{onclick=x}{y}$ $\\htmlId{limpid-manifest}{z}$ $\\includegraphics{https://example.invalid/a.png}$`,
  ),
  markdown(
    "mathematics without end",
    `$\\def\\a{\\a\\a}\\a$ $\\rule{99999em}{99999em}$ $$${"{".repeat(5000)}x$$ $\\text{</math><script>${RUN}</script>}$`,
  ),
  shown("LaTeX output", { "text/latex": `$\\href{javascript:${RUN}}{x}$</script>${IMAGE}` }),
  // Terminals
  printed("colors without end", "\u001b[31m\u001b[1m".repeat(200_000)),
  printed("a bomb of colors", Array.from({ length: 50_000 }, (_, at) => `\u001b[38;5;${at % 256}mx`).join("")),
  printed(
    "codes that are none",
    `\u001b[${"9".repeat(100_000)}m x \u001b[38;2;<img onerror=${RUN}>m \u001b]8;;javascript:${RUN}\u0007link\u001b]8;;\u0007 \u001b]0;${"t".repeat(100_000)}`,
  ),
  printed("control characters", "a\0b\u0008c\u000bd\u001be\u007ff\u0085g\u009b31mh\uFFFE\uD800 \u202e backwards"),
  printed("ten megabytes", "0123456789abcdef ".repeat(600_000)),
  printed("ten megabytes in one line of colors", "\u001b[32m#".repeat(1_700_000)),
  html("ten megabytes of HTML", `<p>${"<b>x</b>".repeat(1_200_000)}</p>`),
  output("an error with markup", {
    output_type: "error",
    ename: `</pre><script>${RUN}</script>`,
    evalue: IMAGE,
    traceback: [`\u001b[31m${OPEN}\u001b[0m`, IMAGE, `<a href="javascript:${RUN}">x</a>`],
  }),
  // Types and names
  shown("types that are none", { [`"><script>${RUN}</script>`]: "x", __proto__: { "text/html": IMAGE } }),
  shown("JSON", { "application/json": { [`</script><script>${RUN}</script>`]: OPEN } }),
  shown("pictures with markup for data", {
    "image/png": `"><img src=x onerror=${RUN}>`,
    "text/plain": `"><img src=x onerror=${RUN}>`,
  }),
  shown(
    "sizes with markup",
    { "image/png": "iVBORw0KGgo=" },
    { "image/png": { width: `1" onerror="${RUN}`, height: 1e99 } },
  ),
  shown("a widget of the prototype's name", {
    "application/vnd.jupyter.widget-view+json": { model_id: "__proto__", version_major: 2, version_minor: 0 },
    "text/plain": "</script><script>",
  }),
  shown("a widget of another of the prototype's names", {
    "application/vnd.jupyter.widget-view+json": { model_id: `constructor"><script>${RUN}</script>` },
    "text/plain": "constructor",
  }),
  {
    name: "an attachment of the prototype's name",
    cell: {
      cell_type: "markdown",
      metadata: {},
      source: "![x](attachment:__proto__) ![y](attachment:a.png)",
      attachments: { ["__proto__"]: { "image/png": "AA==" }, "a.png": { "image/png": `"><script>${RUN}</script>` } },
    },
  },
  {
    name: "an id with markup",
    cell: {
      cell_type: "code",
      id: `"><script>${RUN}</script>`,
      metadata: {},
      source: "2",
      execution_count: 2,
      outputs: [],
    },
  },
  { name: "raw markup", cell: { cell_type: "raw", metadata: { format: "text/html" }, source: `${OPEN}${IMAGE}` } },
  markdown(
    "headings with markup",
    `# <img src=x onerror="${RUN}"> \`</script>\` [x](javascript:${RUN})\n## __proto__\n## constructor\n## ${OPEN}`,
  ),
  markdown(
    "fences with markup",
    `\`\`\`"><script>${RUN}</script>\n${OPEN}\n\`\`\`\n\n\`\`\`__proto__\nx\n\`\`\`\n\n\`\`\`constructor\nx\n\`\`\``,
  ),
  markdown(
    "references and footnotes with markup",
    `[x]\n\n[x]: <javascript:${RUN}> "a\\" onmouseover=\\"${RUN}"\n\n[y](https://example.invalid/" onmouseover="${RUN}")`,
  ),
];

/** All of them in one notebook, each followed by a text that must come out where it belongs. */
export const hostileNotebook = (cells: readonly HostileCell[]): string =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "x", display_name: OPEN, language: `"><script>${RUN}</script>` },
      title: OPEN,
      widgets: { [OPEN]: IMAGE },
    },
    cells: cells.flatMap(({ cell }, at) => [
      cell,
      { cell_type: "markdown", metadata: {}, source: `After hostile ${at}.` },
    ]),
  });
