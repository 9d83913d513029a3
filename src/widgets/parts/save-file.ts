/** Pixels of a PNG file for each of the figure's. */
const SHARPNESS = 2;

/** The pixels of a figure, as a PNG file: the browser, which has fonts, draws them. */
export async function pngOf(figure: Blob, width: number, height: number): Promise<Blob> {
  const address = URL.createObjectURL(figure);
  try {
    const [wide, high] = [SHARPNESS * width, SHARPNESS * height];
    const image = new Image(wide, high);
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.ceil(wide), Math.ceil(high)];
    canvas.getContext("2d")?.drawImage(image, 0, 0, wide, high);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (blob === null) throw new Error("This browser could not make a PNG file of the figure");
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Has the browser save a file. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken what it needs of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
