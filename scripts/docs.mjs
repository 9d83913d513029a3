// npm run docs: writes the pages of documentation that are made from the code.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./setup/paths.mjs";

const { methodsPage } = await import("../build/src/cli/methods-page.js");
writeFileSync(join(ROOT, "docs", "methods.md"), methodsPage());
console.log("docs/methods.md is written.");
