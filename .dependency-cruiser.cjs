/** The rooms of src/ and the arrows allowed between them (docs/architecture.md). */
const rooms = {
  explainers: [],
  comms: [],
  kernel: ["comms"],
  "kernel-helpers": ["explainers", "comms"],
  widgets: ["comms"],
  page: ["explainers", "comms", "kernel-helpers", "widgets", "reports", "runs"],
  reports: ["kernel-helpers", "explainers", "comms"],
  runs: ["kernel-helpers", "explainers", "comms"],
  cli: ["explainers", "comms", "kernel", "kernel-helpers", "widgets", "page", "reports", "runs"],
};
const names = Object.keys(rooms);

/**
 * Single files that a room may import beside whole rooms: seams. Compiled cells run in a page, too, and show the same; a report asks whether
 * they could, and speaks to its kernel in the words that the kernel itself reads.
 */
const seams = {
  page: ["src/kernel/(cell|shown)\\.ts"],
  reports: ["src/kernel/(cell|server/(wire|link))\\.ts"],
};

const arrows = names.map((room) => ({
  name: `arrows-of-${room}`,
  comment: `src/${room} may import only from: ${["itself", ...rooms[room]].join(", ")}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: {
    path: `^src/(?!(${[room, ...rooms[room]].join("|")})/)`,
    ...(seams[room] && { pathNot: seams[room].map((seam) => `^${seam}$`) }),
  },
}));

/**
 * The rooms of the kernel and what each may import of the kernel. A seam is a file at the top that holds what two rooms agree on:
 * `interpreter.ts` (session and language), `cell.ts` (compiler and runtime), `shown.ts` (how values are shown), `server/link.ts` (the two threads).
 */
const kernelRooms = {
  server: ["log\\.ts", "debugger/debugger\\.ts"],
  debugger: ["log\\.ts", "cell\\.ts", "package-root\\.ts", "debug-support\\.ts"],
  session: ["interpreter\\.ts", "log\\.ts", "report\\.ts", "server/(link|interrupt-flag)\\.ts"],
  "own-modules": [],
  language: [
    "interpreter\\.ts",
    "debug-support\\.ts",
    "cell\\.ts",
    "package-root\\.ts",
    "ansi\\.ts",
    "own-modules/(project|places|node-libraries)\\.ts",
  ],
  // What the compiler needs is loaded late: of the modules beside a notebook the runtime knows the type.
  runtime: [
    "interpreter\\.ts",
    "debug-support\\.ts",
    "cell\\.ts",
    "shown\\.ts",
    "package-root\\.ts",
    "ansi\\.ts",
    "report\\.ts",
    "own-modules/own-modules\\.ts",
  ],
};
const kernelArrows = Object.entries(kernelRooms).map(([room, seams]) => ({
  name: `arrows-of-kernel-${room}`,
  comment: `src/kernel/${room} may import of the kernel only itself and ${seams.join(", ")}; typescript.ts and kernel.ts join the rooms`,
  severity: "error",
  from: { path: `^src/kernel/${room}/` },
  to: { path: "^src/kernel/", pathNot: [`^src/kernel/${room}/`, ...seams.map((seam) => `^src/kernel/${seam}$`)] },
}));

module.exports = {
  forbidden: [
    ...arrows,
    ...kernelArrows,
    {
      name: "seams-of-the-kernel-hold-no-room",
      severity: "error",
      from: { path: "^src/kernel/(interpreter|debug-support|cell|shown|log|report|ansi|package-root)\\.ts$" },
      to: { path: "^src/kernel/", pathNot: "^src/kernel/debug-support\\.ts$" },
    },
    {
      name: "only-the-language-compiles",
      comment:
        "The server and the session know no TypeScript and run no code; own-modules compiles what lies beside a notebook",
      severity: "error",
      from: { path: "^src/kernel/", pathNot: "^src/kernel/(compiler\\.ts$|language/|own-modules/)" },
      to: { path: "node_modules/typescript/" },
    },
    {
      name: "every-room-is-stated",
      comment: "A new folder of src/ is a room: say above what it may import",
      severity: "error",
      from: { path: `^src/(?!(${names.join("|")})/)` },
      to: {},
    },
    {
      name: "the-product-knows-no-tools",
      comment: "Tools and tests import src/, never the other way",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(tools|test|scripts)/" },
    },
    {
      name: "tools-need-no-tests",
      comment: "Except that latency is measured in the JupyterLab and Chromium that tests start",
      severity: "error",
      from: { path: "^tools/" },
      to: { path: "^test/", pathNot: "^test/browser/lab\\.ts$" },
    },
    {
      name: "explainers-are-pure",
      comment: "The mathematics runs in a kernel and in a page: TensorFlow.js only, no Node and no DOM",
      severity: "error",
      from: { path: "^src/explainers/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "comms-are-transport-free",
      severity: "error",
      from: { path: "^src/comms/" },
      to: { path: "zeromq", dependencyTypes: ["core"] },
    },
    { name: "no-circles", comment: "None of types either", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
};
