/** A bond between two atoms, by their indexes. */
export interface Bond {
  readonly from: number;
  readonly to: number;
  /** 1 single, 2 double, 3 triple, 1.5 aromatic. */
  readonly order: number;
}

/** A molecule: atoms with places, and bonds where the file has them. */
export interface Molecule {
  readonly name: string;
  /** Symbols of the elements, one for each atom. */
  readonly elements: readonly string[];
  /** `atoms · 3`: x, y, z, in ångström; in a depiction (`flat`) z is 0 and the unit is a bond's length on paper. */
  readonly positions: Float32Array;
  /** Whether the places are a drawing in the plane rather than a geometry. */
  readonly flat: boolean;
  /** Undefined where the file tells none. */
  readonly bonds: readonly Bond[] | undefined;
  /** Formal charges, in units of e, of the atoms that have one. */
  readonly charges: ReadonlyMap<number, number>;
  /** What else the file says of it: numbers where all of the text is one. */
  readonly properties: Readonly<Record<string, number | string>>;
}

const symbols =
  "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og".split(
    " ",
  );
const numbers: ReadonlyMap<string, number> = new Map(symbols.map((symbol, index) => [symbol, index + 1]));

/** The number of protons of an element, or undefined for what is none. */
export const atomicNumber = (element: string): number | undefined => numbers.get(element);

/** A property's text as a number, where it is one. */
export const numberOrText = (text: string): number | string =>
  text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
