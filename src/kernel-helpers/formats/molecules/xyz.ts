import { DataFileError } from "../errors.js";
import { atomicNumber, type Molecule, numberOrText } from "./molecule.js";

/**
 * Reads `.xyz`: geometries in ångström, one after the other; the comment's `key=value` pairs (extended XYZ) are properties, and
 * the rest of it, or its `name`, the name.
 *
 * @throws DataFileError with the line
 */
export function parseXyz(file: string, text: string): Molecule[] {
  const lines = text.split(/\r?\n/);
  const molecules: Molecule[] = [];
  for (let at = 0; at < lines.length; ) {
    if (lines[at]!.trim() === "") {
      at++;
      continue;
    }
    const count = Number(lines[at]);
    if (!Number.isInteger(count) || count < 1) {
      throw new DataFileError(
        file,
        `should say a number of atoms in line ${at + 1}, but says ${JSON.stringify(lines[at]!.slice(0, 40))}`,
      );
    }
    if (at + 2 + count > lines.length)
      throw new DataFileError(file, `is cut short: ${count} atoms should follow line ${at + 2}`);
    const { name, properties } = parsedComment(lines[at + 1]!);
    const layout = properties["Properties"];
    if (layout !== undefined && !/^species:S:1:pos:R:3/.test(String(layout))) {
      throw new DataFileError(
        file,
        `has columns ${layout} in line ${at + 2}; those of species and positions must come first`,
      );
    }
    delete properties["Properties"];
    const elements: string[] = [];
    const positions = new Float32Array(count * 3);
    for (let atom = 0; atom < count; atom++) {
      const [symbol = "", ...cells] = lines[at + 2 + atom]!.trim().split(/\s+/);
      const element = symbol.charAt(0).toUpperCase() + symbol.slice(1).toLowerCase();
      const place = cells.slice(0, 3).map(Number);
      if (atomicNumber(element) === undefined || place.length < 3 || !place.every(Number.isFinite)) {
        throw new DataFileError(
          file,
          `has no atom and place in line ${at + 3 + atom}: ${JSON.stringify(lines[at + 2 + atom]!.slice(0, 60))}`,
        );
      }
      elements.push(element);
      positions.set(place, atom * 3);
    }
    molecules.push({ name, elements, positions, flat: false, bonds: undefined, charges: new Map(), properties });
    at += 2 + count;
  }
  if (molecules.length === 0) throw new DataFileError(file, "holds no molecule");
  return molecules;
}

function parsedComment(comment: string): { name: string; properties: Record<string, number | string> } {
  const properties: Record<string, number | string> = {};
  const rest = comment.replace(/([\w-]+)=(?:"([^"]*)"|(\S+))/g, (_, key: string, quoted?: string, plain?: string) => {
    properties[key] = numberOrText(quoted ?? plain ?? "");
    return "";
  });
  const name = String(properties["name"] ?? rest.trim());
  delete properties["name"];
  return { name, properties };
}
