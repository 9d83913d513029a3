import { invalid, isRecord, sameData, type Trait, type Traits } from "../../../comms/states/traits.js";
import { didYouMean, nearest } from "../../../explainers/suggestions.js";
import { TraitError } from "./trait-error.js";

/** The traits of one kind of widget, and how they agree. */
export interface TraitsDefinition<S> {
  traits: Traits<S>;
  /** Names of the messages that the view sends as `{event: name, …}`. */
  events?: readonly string[];
  /**
   * Corrects proposed values that depend on each other, in place: all traits as they would be, the names that were set,
   * and `fail` for what cannot be corrected (with the names that are known, where it is a name). Runs before anything is changed.
   */
  constrain?(
    next: S,
    names: ReadonlySet<keyof S>,
    fail: (name: keyof S, expected: string, known?: readonly string[]) => never,
  ): void;
}

/** Names of the traits, in order. */
export function traitNames<S>(definition: TraitsDefinition<S>): (keyof S & string)[] {
  return Object.keys(definition.traits) as (keyof S & string)[];
}

/** A trait that got another value. */
export interface ValueChange<S, K extends keyof S = keyof S> {
  name: K;
  old: S[K];
  new: S[K];
}

/** The values of one widget's traits: what is assigned is checked, brought into agreement, and compared with what was. */
export class TraitValues<S> {
  readonly #definition: TraitsDefinition<S>;
  readonly #owner: string;
  readonly #made: <T>(value: T) => T;
  /** What values inherit from: the accessors, as properties that read and write the others. */
  readonly #accessors: object;
  #values: S;

  /**
   * @param owner Class name of the widget, for errors.
   * @param made Called with each value that was made here, for the owner to keep what is its own.
   * @throws TraitError
   */
  constructor(definition: TraitsDefinition<S>, initial: object, owner: string, made: <T>(value: T) => T) {
    this.#definition = definition;
    this.#owner = owner;
    this.#made = made;
    this.#accessors = accessorsOf(definition);
    const values: Partial<S> = {};
    for (const name of traitNames(definition)) {
      const trait = definition.traits[name];
      if (trait.accessor === undefined && !Object.hasOwn(initial, name)) values[name] = made(trait.initial());
    }
    const given = this.check(initial);
    this.#values = this.#constrain(this.#joined(values, given), given);
  }

  get<K extends keyof S>(name: K): S[K] {
    return this.#values[name];
  }

  /** The trait of that name, if there is one. */
  trait(name: string): Trait<S[keyof S]> | undefined {
    const { traits } = this.#definition;
    return Object.hasOwn(traits, name) ? traits[name as keyof S] : undefined;
  }

  /** @throws TypeError naming what there is */
  require(name: string): void {
    if (this.trait(name) === undefined) this.unknown(name);
  }

  /** @throws TypeError naming what there is */
  unknown(name: string): never {
    const { traits, events = [] } = this.#definition;
    const known = [...Object.keys(traits).filter((key) => !key.startsWith("_")), ...events];
    const hint = didYouMean(nearest(name, known));
    throw new TypeError(
      `${this.#owner} has no trait or event named "${name}"; it has ${known.join(", ")}${hint && `.${hint}`}`,
    );
  }

  /**
   * The values as they would be held; nothing changes yet.
   *
   * @throws TraitError, TypeError for a name that no trait has
   */
  check(values: object): Partial<S> {
    const checked: Partial<S> = {};
    for (const [name, value] of Object.entries(values) as [keyof S, unknown][]) {
      this.require(String(name));
      // Like a missing option: `new IntSlider({ max: options.max })`.
      if (value === undefined) {
        checked[name] = this.#made(this.#definition.traits[name].initial());
        continue;
      }
      const trait = this.#definition.traits[name];
      if (trait.accessor && !trait.accessor.set) {
        throw new TraitError(this.#owner, String(name), value, "left as it is (it follows from other traits)");
      }
      const held = trait.check(value);
      if (held === invalid) throw new TraitError(this.#owner, String(name), value, trait.expected, trait.known);
      checked[name] = isRecord(value) ? this.#made(held) : held;
    }
    return checked;
  }

  /** Takes checked values; returns what changed, also among those that had to agree with them. */
  assign(values: Partial<S>): ValueChange<S>[] {
    const old = this.#values;
    const next = this.#constrain(this.#joined(old, values), values);
    const { traits } = this.#definition;
    const changed = traitNames(this.#definition).filter((name) => {
      const assigned = traits[name].mutable === true && Object.hasOwn(values, name) && isObject(next[name]);
      return assigned || !sameData(old[name], next[name]);
    });
    this.#values = next;
    return changed.map((name) => ({ name, old: old[name], new: next[name] }));
  }

  /** A trait's value as it crosses the wire. */
  onWire(name: keyof S): unknown {
    const trait = this.#definition.traits[name];
    const value = this.#values[name];
    return trait.toWire === undefined ? value : trait.toWire(value);
  }

  /** What crosses the wire of the traits of these names. */
  wireState(names: Iterable<keyof S & string>): Record<string, unknown> {
    const state: Record<string, unknown> = {};
    for (const name of names) if (this.#definition.traits[name].synced !== false) state[name] = this.onWire(name);
    return state;
  }

  /**
   * What came over the wire, checked; a newer front end may send traits that are unknown here, which are left alone, as in ipywidgets.
   *
   * @param find What a widget's id stands for.
   */
  received(
    state: object,
    find: (id: string) => unknown,
  ): { accepted: Partial<S>; refused: string[]; errors: unknown[] } {
    const accepted: Partial<S> = {};
    const refused: string[] = [];
    const errors: unknown[] = [];
    for (const [name, sent] of Object.entries(state)) {
      const trait = this.trait(name);
      if (trait === undefined || trait.synced === false) continue;
      try {
        Object.assign(
          accepted,
          this.check({ [name]: trait.fromWire === undefined ? sent : trait.fromWire(sent, find) }),
        );
      } catch (error) {
        errors.push(error);
        refused.push(name);
      }
    }
    return { accepted, refused, errors };
  }

  /** The values held by either, the later ones first to count; accessors write theirs to others, in the order of the traits. */
  #joined(...sources: Partial<S>[]): S {
    const values = Object.create(this.#accessors) as S;
    for (const source of sources) {
      for (const name of traitNames(this.#definition)) if (Object.hasOwn(source, name)) values[name] = source[name]!;
    }
    return values;
  }

  #constrain(next: S, given: Partial<S>): S {
    const names = new Set(Object.keys(given) as (keyof S)[]);
    const proposed = { ...next, ...given };
    this.#definition.constrain?.(next, names, (name, expected, known) => {
      throw new TraitError(this.#owner, String(name), proposed[name], expected, known);
    });
    return next;
  }
}

function accessorsOf<S>({ traits }: TraitsDefinition<S>): object {
  const accessors = {};
  for (const [name, { accessor }] of Object.entries<Trait<unknown>>(traits)) {
    if (accessor === undefined) continue;
    const { get, set } = accessor;
    Object.defineProperty(accessors, name, {
      get() {
        return get(this);
      },
      ...(set && {
        set(value: unknown) {
          set(this, value);
        },
      }),
    });
  }
  return accessors;
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === "object";
}
