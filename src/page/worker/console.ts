import { format } from "node-inspect-extracted";
import type { PageHost, Post } from "./host.js";
import { printingTo } from "./printing.js";

/** Which stream each method of the console writes to, in Node.js. */
const streams = { log: "stdout", info: "stdout", debug: "stdout", warn: "stderr", error: "stderr" } as const;

/** What cells print goes to the page, as Node.js writes it; the browser's own console keeps it too. */
export function captureConsole(post: Post, page: PageHost): void {
  for (const [method, name] of Object.entries(streams) as [keyof typeof streams, "stdout" | "stderr"][]) {
    const original = console[method].bind(console);
    console[method] = (...values: unknown[]) => {
      original(...values);
      const text = `${format(...values)}\n`;
      const write = printingTo();
      if (write) write(name, text);
      else post({ type: "stream", cell: page.cell, name, text });
    };
  }
}
