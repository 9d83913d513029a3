import { invalid, nullable, type Trait } from "../../../comms/states/traits.js";

/** Numbers by name, as dates and times cross the wire; months count from 0. */
type Parts = Record<string, number>;

const two = (part: number) => String(part).padStart(2, "0");
const isParts = (sent: unknown): sent is Parts =>
  sent !== null && typeof sent === "object" && Object.values(sent).every(Number.isSafeInteger);

/** The day that a text says; undefined where the calendar has none of that date. */
function dayIn(words: string): Parts | undefined {
  const [, year, month, date] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(words) ?? []).map(Number);
  if (year === undefined || month === undefined || date === undefined || year < 1) return undefined;
  const day = new Date(0);
  day.setUTCFullYear(year, month - 1, date);
  return day.getUTCMonth() === month - 1 && day.getUTCDate() === date ? { year, month: month - 1, date } : undefined;
}

function timeIn(words: string): Parts | undefined {
  const [, hours, minutes, seconds = "0", fraction = ""] =
    /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?$/.exec(words) ?? [];
  const time = {
    hours: Number(hours),
    minutes: Number(minutes),
    seconds: Number(seconds),
    milliseconds: Number(fraction.padEnd(3, "0")),
  };
  return time.hours < 24 && time.minutes < 60 && time.seconds < 60 ? time : undefined;
}

const wordsOfDay = ({ year = 0, month = 0, date = 0 }: Parts) =>
  `${String(year).padStart(4, "0")}-${two(month + 1)}-${two(date)}`;

const wordsOfTime = ({ hours = 0, minutes = 0, seconds = 0, milliseconds = 0 }: Parts) =>
  `${two(hours)}:${two(minutes)}:${two(seconds)}${milliseconds === 0 ? "" : `.${String(milliseconds).padStart(3, "0")}`}`;

/** A text without a time zone, as it is written and as parts. */
function written(example: string, read: (words: string) => Parts | undefined, write: (parts: Parts) => string) {
  return nullable<string>({
    expected: `a text such as "${example}"`,
    initial: () => "",
    check(value) {
      const parts = typeof value === "string" ? read(value) : undefined;
      return parts === undefined ? invalid : write(parts);
    },
    toWire: (value) => read(value),
    fromWire: (sent) => (isParts(sent) ? write(sent) : sent),
  });
}

/** A day of the calendar, in no time zone: `"2026-03-31"`; null for none. */
export const day = (): Trait<string | null> => written("2026-03-31", dayIn, wordsOfDay);

/** A time of day, in no time zone: `"13:45"` or `"13:45:10.25"`, held with its seconds; null for none. */
export const timeOfDay = (): Trait<string | null> => written("13:45:00", timeIn, wordsOfTime);

/** Both, in no time zone: `"2026-03-31T13:45"`; null for none. */
export const dayAndTime = (): Trait<string | null> =>
  written(
    "2026-03-31T13:45:00",
    (words) => {
      const [, first = "", second = ""] = /^([^T ]+)[T ]([^T ]+)$/.exec(words) ?? [];
      const [date, time] = [dayIn(first), timeIn(second)];
      return date && time && { ...date, ...time };
    },
    (parts) => `${wordsOfDay(parts)}T${wordsOfTime(parts)}`,
  );

/** A moment, whatever clocks say: a `Date`; null for none. */
export const moment = (): Trait<Date | null> =>
  nullable<Date>({
    expected: "a Date (a moment, the same in every time zone)",
    initial: () => new Date(0),
    check(value) {
      if (!(value instanceof Date)) return invalid;
      // The widget protocol writes years by four digits.
      const year = value.getUTCFullYear();
      return year >= 1 && year <= 9999 ? new Date(value) : invalid;
    },
    toWire: (value) => ({
      year: value.getUTCFullYear(),
      month: value.getUTCMonth(),
      date: value.getUTCDate(),
      hours: value.getUTCHours(),
      minutes: value.getUTCMinutes(),
      seconds: value.getUTCSeconds(),
      milliseconds: value.getUTCMilliseconds(),
    }),
    fromWire(sent) {
      if (!isParts(sent)) return sent;
      const { year = 0, month = 0, date = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = sent;
      const at = new Date(0);
      at.setUTCFullYear(year, month, date);
      at.setUTCHours(hours, minutes, seconds, milliseconds);
      return at;
    },
  });
