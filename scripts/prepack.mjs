// npm pack: makes what is packed, from sources to Jupyter's files; nothing of it needs Python.
import { rmSync } from "node:fs";
import { bundleCommandLine, bundleTfjsNode, writeLicenses } from "./setup/bundle.mjs";
import { compile } from "./setup/compile.mjs";
import { buildExtension } from "./setup/extension.mjs";
import { buildKernelspec } from "./setup/kernelspec.mjs";
import { packages } from "./setup/packages.mjs";
import { bundlePage } from "./setup/page.mjs";
import { SHARE } from "./setup/paths.mjs";
import { SetupError } from "./setup/process.mjs";

// What npm pack prints on standard output is the tarball's name.
const progress = (text) => console.error(text);
try {
  for (const step of [packages, compile]) if (step.missing()) await step.run(progress);
  rmSync(SHARE, { recursive: true, force: true });
  await buildExtension(() => {});
  buildKernelspec();
  writeLicenses(await bundleCommandLine(), await bundleTfjsNode(), ...(await bundlePage()));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
