/** Where a report comes from: what went in, by hash, and what ran it. Nothing in it names the author's machine, folders or environment. */

import type { Ledger } from "./ledger/records.js";

/** A file that a run read. */
export interface InputFile {
  readonly role: InputRole;
  /** Relative to the notebook's folder, or `limpid:models/…` for what Limpid brings; an `https:` address for what was fetched. */
  readonly key: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** Hashes of its parts, where a changed one is to be named. */
  readonly parts?: PartHashes;
}

export type InputRole = "notebook" | "lock file" | "code" | "model" | "data" | "picture" | "folder";

/** Hashes by which a later run finds the first part that differs, without the file. */
export interface PartHashes {
  readonly unit: "line" | "row" | "weight";
  /** Names of parts that have one. */
  readonly names?: readonly string[];
  /** How many parts one hash stands for; the last may stand for fewer. */
  readonly each: number;
  readonly count: number;
  /** The first 4 bytes of the SHA-256 of each stretch, in hex, one after another. */
  readonly hashes: string;
}

/** What a run was, apart from the files that it read. */
export interface RunFacts {
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly seconds: number;
  readonly limpid: string;
  readonly typescript: string;
  readonly node: string;
  /** Absent where nothing was computed by TensorFlow.js. */
  readonly backend?: BackendFacts;
  /** `linux x64`. */
  readonly platform: string;
  /** How many CPUs, and their model's name. */
  readonly cpu: string;
  /** Packages that cells imported, with versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** Numbers given as `seed` in the notebook's cells, by cell id. */
  readonly seeds: Readonly<Record<string, readonly number[]>>;
}

interface BackendFacts {
  readonly name: string;
  /** Version of TensorFlow.js. */
  readonly version: string;
  /** Version of TensorFlow's C library, of the native backend. */
  readonly libraryVersion?: string;
}

/** Provenance as it stands in a report: JSON-LD in the shape of RO-Crate 1.1. */
export interface Provenance {
  readonly "@context": "https://w3id.org/ro/crate/1.1/context";
  readonly "@graph": readonly Entity[];
}

type Entity = Readonly<Record<string, unknown>>;

interface Property {
  readonly "@type": "PropertyValue";
  readonly name: string;
  readonly value: unknown;
}

const property = (name: string, value: unknown): Property => ({ "@type": "PropertyValue", name, value });
const reference = (id: string) => ({ "@id": id });
const RUN = "#run";
const LIMPID = "#limpid";
const REPORT = "./";

interface Provable {
  readonly inputs: readonly InputFile[];
  readonly ledger: Ledger;
  readonly facts: RunFacts;
}

/** The provenance of one run: what went into it, and how long its cells took. */
export function provenanceOf(title: string, { inputs, ledger, facts }: Provable): Provenance {
  const cells = ledger.cells.map(({ id, milliseconds }) => [id, milliseconds]);
  const files = inputs.map(({ role, key, bytes, sha256, parts }) => ({
    ...{ "@id": idOf(key), "@type": "File", name: key, contentSize: bytes, sha256 },
    additionalProperty: [property("role", role), ...(parts ? [property("parts", parts)] : [])],
  }));
  const { started, seconds, limpid, typescript, node, backend, platform, cpu, packages, seeds } = facts;
  const ended = new Date(new Date(started).getTime() + 1000 * seconds).toISOString();
  return {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
      {
        ...{ "@id": "ro-crate-metadata.json", "@type": "CreativeWork", about: reference(REPORT) },
        conformsTo: reference("https://w3id.org/ro/crate/1.1"),
      },
      {
        ...{ "@id": REPORT, "@type": "Dataset", name: title, datePublished: ended },
        ...{ hasPart: files.map((file) => reference(file["@id"])), mentions: reference(RUN) },
      },
      ...files,
      {
        ...{ "@id": LIMPID, "@type": "SoftwareApplication", name: "Limpid", softwareVersion: limpid },
        softwareRequirements: Object.entries(packages).map(([name, version]) => `${name} ${version}`),
      },
      {
        ...{ "@id": RUN, "@type": "CreateAction", name: "Run of the notebook", instrument: reference(LIMPID) },
        ...{ object: files.map((file) => reference(file["@id"])), result: reference(REPORT) },
        ...{ startTime: started, endTime: ended },
        additionalProperty: [
          ...[property("seconds", seconds), property("node", node), property("typescript", typescript)],
          ...(backend ? [property("backend", backend)] : []),
          ...[property("platform", platform), property("cpu", cpu), property("packages", packages)],
          ...[property("seeds", seeds), property("milliseconds of cells", cells)],
        ],
      },
    ],
  };
}

/** A key as the relative address that JSON-LD wants. */
const idOf = (key: string): string => encodeURI(key);

/** What went into a run, and what it was, as its provenance says it; undefined for JSON that is none. */
export function readProvenance(provenance: unknown): { inputs: InputFile[]; facts: RunFacts } | undefined {
  const graph = (provenance as Partial<Provenance> | undefined)?.["@graph"];
  if (!Array.isArray(graph)) return undefined;
  const entities = graph as Entity[];
  const run = entities.find((entity) => entity["@id"] === RUN);
  const software = entities.find((entity) => entity["@id"] === LIMPID);
  if (run === undefined || software === undefined) return undefined;
  const inputs = entities
    .filter((entity) => entity["@type"] === "File")
    .map((entity): InputFile => {
      const { role, parts } = propertiesOf(entity);
      return {
        ...{ role: role as InputRole, key: String(entity["name"]), bytes: Number(entity["contentSize"]) },
        ...{ sha256: String(entity["sha256"]), ...(parts !== undefined && { parts: parts as PartHashes }) },
      };
    });
  const told = propertiesOf(run) as Partial<RunFacts>;
  const facts = { ...told, started: String(run["startTime"]), limpid: String(software["softwareVersion"]) } as RunFacts;
  return { inputs, facts };
}

function propertiesOf(entity: Entity): Record<string, unknown> {
  const properties = Array.isArray(entity["additionalProperty"]) ? (entity["additionalProperty"] as Property[]) : [];
  return Object.fromEntries(properties.map(({ name, value }) => [name, value]));
}
