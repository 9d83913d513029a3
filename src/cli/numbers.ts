import { InvalidArgumentError } from "commander";

/** A number that an option takes. @throws InvalidArgumentError */
export function numeric(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("It is not a number.");
  return value;
}

/** A whole number. @throws InvalidArgumentError */
export function whole(text: string): number {
  const value = numeric(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError("It is not a whole number.");
  return value;
}

/** How many of something, one at least. @throws InvalidArgumentError */
export function count(text: string): number {
  const value = whole(text);
  if (value < 1) throw new InvalidArgumentError("It is not at least 1.");
  return value;
}

/** A time that something may take, in seconds; 0 for any. @throws InvalidArgumentError */
export function seconds(text: string): number {
  const value = numeric(text);
  if (!(value >= 0 && value <= 1e6)) throw new InvalidArgumentError("It is no time in seconds.");
  return value;
}

/** How far two numbers may be apart. @throws InvalidArgumentError */
export function nonNegative(text: string): number {
  const value = numeric(text);
  if (value < 0) throw new InvalidArgumentError("It is below 0.");
  return value;
}

/** A size or the like that is more than nothing. @throws InvalidArgumentError */
export function positive(text: string): number {
  const value = numeric(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("It is not more than 0.");
  return value;
}
