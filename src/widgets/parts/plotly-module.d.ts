/** Plotly without the trace types that are not used; its own package has no types. */
declare module "plotly.js-cartesian-dist-min" {
  export * from "plotly.js";
}
