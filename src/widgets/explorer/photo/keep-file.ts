import type { ExplorerReply } from "../../../comms/states/explorer.js";

type FileReply = Extract<ExplorerReply, { event: "file" }>;

/** Pixels of a PNG file for each of the figure's. */
const SHARPNESS = 2;

/** Has the browser save a file that the kernel made; of a PNG file the browser, which has fonts, draws the pixels. */
export async function keepFile(
  { format, name, type, width, height }: FileReply,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const sent = new Blob([bytes], { type });
  save(name, format === "png" ? await drawn(sent, SHARPNESS * width, SHARPNESS * height) : sent);
}

async function drawn(figure: Blob, width: number, height: number): Promise<Blob> {
  const address = URL.createObjectURL(figure);
  try {
    const image = new Image(width, height);
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d")?.drawImage(image, 0, 0, width, height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (blob === null) throw new Error("This browser could not make a PNG file of the picture");
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}

function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken what it needs of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
