// The library brings no types; this is what is used of it.
declare module "jstat" {
  interface Distribution {
    cdf(x: number, degrees: number): number;
    inv(probability: number, degrees: number): number;
  }
  const jstat: { readonly studentt: Distribution };
  export default jstat;
}
