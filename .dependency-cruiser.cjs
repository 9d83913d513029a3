/** The rooms of src/ and the arrows allowed between them (docs/architecture.md). */
const rooms = {
  explainers: [],
  comms: [],
  kernel: ["comms"],
  "kernel-helpers": ["explainers", "comms"],
  widgets: ["comms"],
  cli: ["kernel-helpers", "kernel", "explainers"],
};
const names = Object.keys(rooms);

const arrows = names.map((room) => ({
  name: `arrows-of-${room}`,
  comment: `src/${room} may import only from: ${["itself", ...rooms[room]].join(", ")}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: `^src/(${names.filter((name) => name !== room && !rooms[room].includes(name)).join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...arrows,
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
    { name: "no-circles", severity: "error", from: {}, to: { circular: true, dependencyTypesNot: ["type-only"] } },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
};
