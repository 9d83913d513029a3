import type { LinkState } from "../../comms/states/controls.js";
import { invalid, type Trait } from "../../comms/states/traits.js";
import { type Disposer, disposer, type ListenOptions } from "../widgets/base/listeners.js";
import { Widget } from "../widgets/base/widget.js";
import { widgetReference } from "../widgets/base/widget-class.js";
import { control } from "./control.js";

/** A trait of a widget: the widget, and the trait's name. */
export type TraitOf<W extends Widget = Widget> = readonly [widget: W, trait: string];

export interface LinkOptions<A, B> extends ListenOptions {
  /** What the target gets for a value of the source; the value itself unless told otherwise. */
  to?: (value: A) => B;
  /** And back. */
  from?: (value: B) => A;
}

/**
 * Keeps two traits equal, in the kernel: the target takes the source's value now, and later each that of the other.
 *
 * @example
 * const unlink = link([slider, "value"], [map, "opacity"]);
 */
// biome-ignore lint/suspicious/noExplicitAny: values of any kind, as the two traits have them
export function link<A = any, B = any>(source: TraitOf, target: TraitOf, options: LinkOptions<A, B> = {}): Disposer {
  const { to = same, from = same, signal } = options;
  // A clamped or rounded value must not go back and forth.
  let busy = false;
  const follow = (leader: TraitOf, follower: TraitOf, convert: (value: never) => unknown) =>
    leader[0].observe(
      ({ new: value }) => {
        if (busy) return;
        busy = true;
        try {
          follower[0].set({ [follower[1]]: convert(value as never) });
        } finally {
          busy = false;
        }
      },
      leader[1],
      { signal },
    );
  const disposers = [follow(source, target, to as never), follow(target, source, from as never)];
  target[0].set({ [target[1]]: (to as (value: unknown) => unknown)(source[0].get(source[1])) });
  return disposer(() => {
    for (const dispose of disposers) dispose();
  });
}

/**
 * Lets the target follow the source, in the kernel: it takes the source's value now, and later each that the source gets.
 *
 * @example
 * const unlink = dlink([slider, "value"], [label, "value"], { to: (value) => `${value} units` });
 */
// biome-ignore lint/suspicious/noExplicitAny: values of any kind, as the two traits have them
export function dlink<A = any, B = any>(
  source: TraitOf,
  target: TraitOf,
  options: Pick<LinkOptions<A, B>, "to" | "signal"> = {},
): Disposer {
  const { to = same, signal } = options;
  const follow = (value: unknown) => target[0].set({ [target[1]]: (to as (value: unknown) => unknown)(value) });
  follow(source[0].get(source[1]));
  return source[0].observe(({ new: value }) => follow(value), source[1], { signal });
}

const same = (value: unknown): never => value as never;

const traitOfTrait: Trait<[Widget, string]> = {
  expected: 'a widget and the name of one of its traits: [slider, "value"]',
  initial: () => {
    throw new TypeError("a link has a source and a target");
  },
  check: (given) =>
    Array.isArray(given) && given.length === 2 && given[0] instanceof Widget && hasTrait(given[0], given[1])
      ? [given[0], given[1] as string]
      : invalid,
  toWire: ([widget, name]) => [widgetReference.toWire(widget), name],
  fromWire: (sent, find) => (Array.isArray(sent) ? [widgetReference.fromWire(sent[0], find), sent[1]] : sent),
};

function hasTrait(widget: Widget, name: unknown): boolean {
  return typeof name === "string" && name in widget && widget.get(name) !== undefined;
}

const linkTraits = { source: traitOfTrait, target: traitOfTrait };

class Link extends control<LinkState>("Link", { view: null, traits: linkTraits }) {}

class DirectionalLink extends control<LinkState>("DirectionalLink", { view: null, traits: linkTraits }) {}

/** Keeps two traits equal in the browser, so that it works without a kernel too. Close the result to end it. */
export function jslink(source: TraitOf, target: TraitOf): Widget {
  return new Link({ source: [...source], target: [...target] });
}

/** Lets the target follow the source in the browser, so that it works without a kernel too. Close the result to end it. */
export function jsdlink(source: TraitOf, target: TraitOf): Widget {
  return new DirectionalLink({ source: [...source], target: [...target] });
}
