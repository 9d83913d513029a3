import { DataFileError } from "../errors.js";
import { atomicNumber, type Bond, type Molecule, numberOrText } from "./molecule.js";

/** Charges by their codes in an atom's line (CTfile formats, table of the atom block). */
const chargeOf: readonly number[] = [0, 3, 2, 1, 0, -1, -2, -3];

/**
 * Reads molecules of MDL's `.sdf` and `.mol`, version V2000 (Dalby 1992; BIOVIA, CTfile formats).
 *
 * @throws DataFileError with the line, also for V3000 and for atoms that are no element
 */
export function parseSdf(file: string, text: string): Molecule[] {
  const lines = text.split(/\r?\n/);
  const molecules: Molecule[] = [];
  let at = 0;
  while (at < lines.length) {
    // Lines of nothing may follow the last record.
    if (lines.slice(at).every((line) => line.trim() === "")) break;
    const { molecule, next } = parseRecord(file, lines, at);
    molecules.push(molecule);
    at = next;
  }
  if (molecules.length === 0) throw new DataFileError(file, "holds no molecule");
  return molecules;
}

function parseRecord(file: string, lines: readonly string[], begin: number): { molecule: Molecule; next: number } {
  const fail = (line: number, reason: string): never => {
    throw new DataFileError(file, `${reason} (line ${line + 1})`);
  };
  const line = (at: number, what: string): string =>
    lines[at] ?? fail(lines.length - 1, `is cut short: ${what} is missing`);
  const number = (at: number, from: number, to: number, what: string): number => {
    const field = line(at, what).slice(from, to);
    const value = Number(field);
    return field.trim() === "" || !Number.isFinite(value) ? fail(at, `has ${JSON.stringify(field)} as ${what}`) : value;
  };
  const counts = line(begin + 3, "the line of counts");
  if (/V3000/.test(counts)) fail(begin + 3, "is of version V3000, which is not read: save it as V2000");
  if (!/V2000/.test(counts)) fail(begin + 3, "is no SDF of version V2000: the fourth line of a molecule says so");
  const [atoms, links] = [
    number(begin + 3, 0, 3, "the number of atoms"),
    number(begin + 3, 3, 6, "the number of bonds"),
  ];
  if (!Number.isInteger(atoms) || !Number.isInteger(links) || atoms < 0 || links < 0)
    fail(begin + 3, `has ${atoms} atoms and ${links} bonds`);
  const elements: string[] = [];
  const positions: number[] = [];
  const charges = new Map<number, number>();
  for (let atom = 0; atom < atoms; atom++) {
    const at = begin + 4 + atom;
    positions.push(number(at, 0, 10, "x"), number(at, 10, 20, "y"), number(at, 20, 30, "z"));
    const element = line(at, "an atom").slice(31, 34).trim();
    if (atomicNumber(element) === undefined) fail(at, `has an atom ${JSON.stringify(element)}, which is no element`);
    elements.push(element);
    const charge = chargeOf[Number(line(at, "an atom").slice(36, 39))];
    if (charge) charges.set(atom, charge);
  }
  const bonds: Bond[] = [];
  for (let bond = 0; bond < links; bond++) {
    const at = begin + 4 + atoms + bond;
    const [from, to] = [number(at, 0, 3, "an atom of a bond"), number(at, 3, 6, "an atom of a bond")];
    const kind = number(at, 6, 9, "the kind of a bond");
    if (![from, to].every((end) => Number.isInteger(end) && end >= 1 && end <= atoms))
      fail(at, `binds atoms ${from} and ${to} of ${atoms}`);
    if (![1, 2, 3, 4].includes(kind)) fail(at, `has a bond of kind ${kind}; 1 to 4 are read`);
    bonds.push({ from: from - 1, to: to - 1, order: kind === 4 ? 1.5 : kind });
  }
  let at = begin + 4 + atoms + links;
  let hasCharges = false;
  for (; !/^M {2}END/.test(line(at, 'the line "M  END"')); at++) {
    const found = /^M {2}CHG\s*\d+((?:\s+\d+\s+-?\d+)+)\s*$/.exec(lines[at]!);
    if (found === null) continue;
    // These lines take the place of all charges of the atoms' lines.
    if (!hasCharges) charges.clear();
    hasCharges = true;
    const pairs = found[1]!.trim().split(/\s+/).map(Number);
    for (let pair = 0; pair + 1 < pairs.length; pair += 2) {
      if (!(pairs[pair]! >= 1 && pairs[pair]! <= atoms)) fail(at, `charges atom ${pairs[pair]} of ${atoms}`);
      charges.set(pairs[pair]! - 1, pairs[pair + 1]!);
    }
  }
  const properties: Record<string, number | string> = {};
  for (at++; at < lines.length && !lines[at]!.startsWith("$$$$"); at++) {
    const key = /^>.*?<([^>]*)>/.exec(lines[at]!)?.[1];
    if (key === undefined) continue;
    const words: string[] = [];
    while (lines[at + 1] !== undefined && lines[at + 1] !== "" && !lines[at + 1]!.startsWith("$$$$"))
      words.push(lines[++at]!);
    properties[key] = numberOrText(words.join("\n"));
  }
  const flat = positions.every((value, index) => index % 3 !== 2 || value === 0) && atoms > 0;
  return {
    molecule: {
      name: line(begin, "the name").trim(),
      elements,
      positions: Float32Array.from(positions),
      flat,
      bonds,
      charges,
      properties,
    },
    next: at + 1,
  };
}
