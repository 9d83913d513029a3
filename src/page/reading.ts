/**
 * What a report's page does for its readers besides its widgets: themes, folding, the place in the contents. It imports nothing:
 * its compiled text stands in the file as it is, and works where nothing else does.
 */

const THEME = "limpid-report-theme";
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

/** The reader's choice outlives the page where the browser keeps anything for files. */
function remembered(): string | null {
  try {
    return localStorage.getItem(THEME);
  } catch {
    return null;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(THEME, theme);
  } catch {
    // A private window forgets.
  }
}

const themeButton = document.querySelector<HTMLButtonElement>("[data-action=theme]");
const codeButton = document.querySelector<HTMLButtonElement>("[data-action=code]");
const isDark = (): boolean => (root.dataset["theme"] ?? (dark.matches ? "dark" : "light")) === "dark";

function showTheme(): void {
  const now = isDark();
  // What widgets go by.
  document.body.dataset["jpThemeLight"] = String(!now);
  document.body.dataset["jpThemeName"] = now ? "dark" : "light";
  themeButton?.setAttribute("aria-pressed", String(now));
}

const stored = remembered();
if (stored === "light" || stored === "dark") root.dataset["theme"] = stored;
showTheme();
dark.addEventListener("change", showTheme);
themeButton?.addEventListener("click", () => {
  const next = isDark() ? "light" : "dark";
  root.dataset["theme"] = next;
  remember(next);
  showTheme();
});

const folds = (): NodeListOf<HTMLDetailsElement> => document.querySelectorAll("details.code");

function showFolding(): void {
  if (codeButton === null) return;
  const all = [...folds()];
  const isOpen = all.length > 0 && all.every(({ open }) => open);
  codeButton.setAttribute("aria-pressed", String(isOpen));
}

codeButton?.addEventListener("click", () => {
  const open = codeButton.getAttribute("aria-pressed") !== "true";
  for (const fold of folds()) fold.open = open;
  // Cells of checks are seen with the code alone.
  root.toggleAttribute("data-code", open);
  showFolding();
});
for (const fold of folds()) fold.addEventListener("toggle", showFolding);
showFolding();
for (const button of [themeButton, codeButton]) button?.removeAttribute("hidden");

// On paper nothing can be unfolded, and it is white.
let folded: HTMLDetailsElement[] = [];
let theme: string | undefined;
addEventListener(
  "beforeprint",
  () => {
    folded = [...document.querySelectorAll<HTMLDetailsElement>("main details:not([open])")];
    for (const fold of folded) fold.open = true;
    theme = root.dataset["theme"];
    root.dataset["theme"] = "light";
    showTheme();
    // Before widgets paint themselves for it.
  },
  { capture: true },
);
addEventListener("afterprint", () => {
  for (const fold of folded) fold.open = false;
  folded = [];
  if (theme === undefined) delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  showTheme();
});

// Where the reader is, in the contents.
const links = new Map<string, HTMLAnchorElement>();
for (const link of document.querySelectorAll<HTMLAnchorElement>("nav.contents a")) {
  links.set(decodeURIComponent(link.hash.slice(1)), link);
}
const headings = [...links.keys()].flatMap((id) => document.getElementById(id) ?? []);
let current: HTMLAnchorElement | undefined;

function showPlace(): void {
  const line = innerHeight / 4;
  const above = headings.filter((heading) => heading.getBoundingClientRect().top <= line);
  const link = links.get((above.at(-1) ?? headings[0])?.id ?? "");
  if (link === current) return;
  current?.removeAttribute("aria-current");
  link?.setAttribute("aria-current", "true");
  current = link;
}

let isAsked = false;
addEventListener(
  "scroll",
  () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      showPlace();
    });
  },
  { passive: true },
);
showPlace();

// Beside the text the contents are always there; on a narrow screen they cover it until a place is chosen.
const drawer = document.querySelector<HTMLDetailsElement>("details.drawer");
const wide = matchMedia("(min-width: 75rem)");

function showDrawer(): void {
  if (drawer === null) return;
  drawer.open = wide.matches;
  drawer.querySelector("summary")?.setAttribute("tabindex", wide.matches ? "-1" : "0");
}

showDrawer();
wide.addEventListener("change", showDrawer);
drawer?.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("a") !== null && !wide.matches) drawer.open = false;
});
addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && drawer !== null && !wide.matches) drawer.open = false;
});

// Pictures that cells put out, as files. What draws itself stays an image within the file: there it runs nothing.
function saveAs(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function vectorFile({ src, naturalWidth, naturalHeight, alt }: HTMLImageElement): Blob {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  const size = `width="${naturalWidth}" height="${naturalHeight}"`;
  const text = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><title>${escaped(alt)}</title><image href="${escaped(src)}" ${size}/></svg>`;
  return new Blob([text], { type: "image/svg+xml" });
}

async function pixelFile(image: HTMLImageElement): Promise<Blob> {
  const canvas = document.createElement("canvas");
  // A drawing has room for more pixels than it is wide.
  const sharpness = image.src.startsWith("data:image/svg") ? 2 : 1;
  [canvas.width, canvas.height] = [sharpness * image.naturalWidth, sharpness * image.naturalHeight];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  return blob ?? vectorFile(image);
}

for (const [at, image] of document.querySelectorAll<HTMLImageElement>(".output > img").entries()) {
  const words = image.alt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const name = words.join("-").slice(0, 60) || `picture-${at + 1}`;
  const place = document.createElement("p");
  place.className = "level";
  const buttons = document.createElement("span");
  buttons.className = "save";
  for (const format of ["PNG", "SVG"] as const) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `Save ${format}`;
    button.title = `Keep this picture as a file: ${name}.${format.toLowerCase()}`;
    button.addEventListener("click", async () => {
      saveAs(`${name}.${format.toLowerCase()}`, format === "PNG" ? await pixelFile(image) : vectorFile(image));
    });
    buttons.append(button, " ");
  }
  place.append(buttons);
  image.after(place);
}
