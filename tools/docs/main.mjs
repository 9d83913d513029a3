// npm run docs: writes the pages of documentation that are made from the code.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/setup/paths.mjs";

const { methodsPage } = await import("../../build/tools/docs/methods-page.js");
writeFileSync(join(ROOT, "docs", "methods.md"), methodsPage());
console.log("docs/methods.md is written.");
