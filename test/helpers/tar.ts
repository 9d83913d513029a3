/** One entry of a tar archive (POSIX.1-1988): its header and its body in blocks of 512 bytes. */
export function tarEntry(name: string, body: Uint8Array, type = "0"): Uint8Array {
  const block = new Uint8Array(512 + Math.ceil(body.length / 512) * 512);
  const put = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  put(name.slice(0, 100), 0);
  put("0000644\0", 100);
  put(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
  put("00000000000\0", 136);
  put("        ", 148);
  put(type, 156);
  put("ustar\x0000", 257);
  const sum = block.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  block.set(body, 512);
  return block;
}

/** An archive of files, by their names. */
export function tarOf(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const entries = Object.entries(files).map(([name, content]) =>
    tarEntry(name, typeof content === "string" ? new TextEncoder().encode(content) : content),
  );
  return new Uint8Array(Buffer.concat([...entries, new Uint8Array(1024)]));
}
