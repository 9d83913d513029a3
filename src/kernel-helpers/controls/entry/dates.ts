import { choice, either, flag, integer, number } from "../../../comms/states/traits.js";
import { keepWithin } from "../bounded.js";
import { described } from "../control.js";
import { day, dayAndTime, moment, timeOfDay } from "./moments.js";

/**
 * A day of the calendar, as a text in no time zone: `"2026-03-31"`, or null. A day outside `min` and `max` becomes the nearer one.
 *
 * @example
 * const day = new DatePicker({ value: "2026-03-31", min: "2026-01-01", description: "recorded" });
 */
export class DatePicker extends described(
  "DatePicker",
  {
    value: day(),
    min: day(),
    max: day(),
    /** Days from one that can be picked to the next; "any": all. */
    step: either(integer(1), choice("any")),
    disabled: flag(false),
  },
  { constrain: keepWithin },
) {}

/** A time of day, as a text in no time zone: `"13:45:00"`, or null. */
export class TimePicker extends described(
  "TimePicker",
  {
    value: timeOfDay(),
    min: timeOfDay(),
    max: timeOfDay(),
    /** Seconds from one time that can be picked to the next; "any": all. Below 60 the field has seconds. */
    step: either(number(60), choice("any")),
    disabled: flag(false),
  },
  { model: "Time", constrain: keepWithin },
) {}

/** A moment, as a `Date`, or null. The reader picks and sees it in the time zone of the browser. */
export class DatetimePicker extends described(
  "DatetimePicker",
  { value: moment(), min: moment(), max: moment(), disabled: flag(false) },
  { model: "Datetime", constrain: keepWithin },
) {}

/** A day and a time of day, as a text in no time zone: `"2026-03-31T13:45:00"`, or null. */
export class NaiveDatetimePicker extends described(
  "NaiveDatetimePicker",
  { value: dayAndTime(), min: dayAndTime(), max: dayAndTime(), disabled: flag(false) },
  { model: "NaiveDatetime", view: "DatetimeView", constrain: keepWithin },
) {}
