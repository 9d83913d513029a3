/**
 * How values are shown. A seam like `cell.ts`: the runtime of the kernel and that of a report's page show the same, each with the
 * `inspect` of its platform.
 */
import { DISPLAY, formatted, type MimeBundle, shownFor } from "../comms/host.js";

/** Any value as text, as `inspect` of `node:util` writes it. */
type Inspect = (
  value: unknown,
  options: { depth: number; maxArrayLength: number; maxStringLength: number; breakLength: number },
) => string;

/**
 * How the value of a cell's last expression is shown; undefined when it shows nothing.
 *
 * Objects with a method `Symbol.for("Jupyter.display")` decide for themselves: it returns a MIME bundle, a promise of
 * one, or nothing when it has displayed itself.
 */
export async function show(
  result: unknown,
  inspect: Inspect,
): Promise<{ data: MimeBundle; metadata: Record<string, never> } | undefined> {
  const value = shownFor(result);
  if (value === undefined) return undefined;
  const own = isObject(value) ? value[DISPLAY] : undefined;
  const data = typeof own === "function" ? bundleOf(await own.call(value), inspect) : defaultBundle(value, inspect);
  return data === undefined || data === null ? undefined : { data, metadata: {} };
}

/** What a display method returned, if that can be shown. */
function bundleOf(returned: unknown, inspect: Inspect): MimeBundle | undefined {
  if (returned === undefined || returned === null) return undefined;
  const isBundle = isObject(returned) && !Array.isArray(returned) && typeof returned !== "function";
  if (isBundle && Object.keys(returned).every((type) => type.includes("/"))) return returned;
  throw new TypeError(
    `A method Symbol.for("Jupyter.display") returned ${inspect(returned, SHORT)}; it returns an object of forms by MIME type, ` +
      'such as { "text/plain": "…" }, or nothing',
  );
}

/**
 * How values are shown that do not decide for themselves: SVG and HTML elements, texts that are a whole SVG picture, encoded pictures, what
 * formatters know, tensors, the rest as text.
 */
export function defaultBundle(value: unknown, inspect: Inspect): MimeBundle {
  const describe = () =>
    value instanceof URL ? `URL ${value.href}` : inspect(value, isMachinery(value) ? FLAT : SHORT);
  if (typeof value === "string" && SVG.test(value)) return { "text/plain": describe(), "image/svg+xml": value };
  if (isElement(value)) {
    const svg = /^<svg[\s>]/i.test(value.outerHTML);
    return { "text/plain": describe(), [svg ? "image/svg+xml" : "text/html"]: value.outerHTML };
  }
  const image = value instanceof Uint8Array ? imageType(value) : undefined;
  if (image) {
    const bytes = value as Uint8Array;
    return {
      "text/plain": `${image}, ${bytes.length} bytes`,
      [image]: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
    };
  }
  if (isObject(value)) {
    const bundle = formatted(value);
    if (bundle !== undefined) return bundle;
  }
  if (isTensor(value)) return { "text/plain": describeTensor(value) };
  return { "text/plain": describe() };
}

const SHORT = { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 };
/** Of what is machinery inside, only the outside. */
const FLAT = { ...SHORT, depth: 0 };

const SVG = /^\s*(<\?xml[^>]*>\s*)?<svg[\s>][\s\S]*<\/svg>\s*$/;

/** Streams, sockets, servers, processes and timers: their parts are those of Node.js. */
function isMachinery(value: unknown): boolean {
  if (!isObject(value)) return false;
  const has = (...names: string[]) => names.every((name) => typeof value[name] === "function");
  try {
    return has("on", "emit", "removeListener") || has("ref", "unref", "hasRef");
  } catch {
    return false;
  }
}

interface Tensor {
  shape: number[];
  dtype: string;
  size: number;
  isDisposed: boolean;
  toString(verbose?: boolean): string;
}

/** Values of tensors up to this size are shown; of larger ones the shape says more. */
const TENSOR_VALUES = 1000;

function isTensor(value: unknown): value is Tensor {
  return isObject(value) && "dataId" in value && "dtype" in value && Array.isArray(value["shape"]);
}

function describeTensor(tensor: Tensor): string {
  const title = `Tensor ${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.isDisposed) return `${title} (disposed)`;
  if (tensor.size > TENSOR_VALUES) return `${title}, ${tensor.size} values`;
  // tfjs writes "Tensor" and the indented values.
  return `${title}${tensor.toString().replace(/^Tensor/, "")}`;
}

function isElement(value: unknown): value is { outerHTML: string } {
  return isObject(value) && typeof value["outerHTML"] === "string";
}

function imageType(bytes: Uint8Array): string | undefined {
  const starts = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(0x47, 0x49, 0x46, 0x38)) return "image/gif";
  return undefined;
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
