import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { WAIT } from "./lab.js";

/** A report opened as a reader opens it: from its file; with what it asked the network for, and what went wrong in it. */
export async function openReport(browser: Browser, file: string, look: BrowserContextOptions = {}) {
  const context = await browser.newContext(look);
  context.setDefaultTimeout(WAIT);
  const page = await context.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url())) requests.push(request.url());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("dialog", (dialog) => {
    errors.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(pathToFileURL(file).href);
  return { page, requests, errors, close: () => context.close() };
}
