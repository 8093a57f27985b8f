/**
 * How numbers, times and values are written, once for all pages. Whatever is absent or is no finite number is "N/A":
 * no page shows NaN, Infinity, null or undefined.
 */
export const NA = "N/A";

type Maybe<T> = T | null | undefined;

const known = (x: Maybe<number>): x is number => typeof x === "number" && Number.isFinite(x);
const exact = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A share in [0, 1] as percent: 0.9741 → "97.4 %", with a no-break space, so that no line ends between the two. */
export function percent(share: Maybe<number>, digits = 1): string {
  return known(share) ? `${(share * 100).toFixed(digits)}\u00a0%` : NA;
}

export function wholePercent(share: Maybe<number>): string {
  return percent(share, 0);
}

/** A share on an axis, with as many decimals as its steps of `step` need: steps of 0.005 give "97.5 %". */
export function percentTick(share: number, step: number): string {
  return percent(share, Math.max(0, -Math.floor(Math.log10(step) + 1e-9) - 2));
}

/** A loss, or any value near one, with three decimals. Large ones are shortened. */
export function loss(x: Maybe<number>): string {
  if (!known(x)) return NA;
  return Math.abs(x) >= 1e5 ? x.toExponential(2) : x.toFixed(3);
}

/** A whole number with thousands separators: 12345 → "12,345". */
export function count(n: Maybe<number>): string {
  return known(n) ? grouped.format(n) : NA;
}

/** Seconds as the two largest units: 72 → "1 min 12 s". */
export function duration(seconds: Maybe<number>): string {
  if (!known(seconds) || seconds < 0) return NA;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return two(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(seconds / 3600);
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** Bytes in units of 1,000: 1234567 → "1.2 MB". */
export function bytes(n: Maybe<number>): string {
  if (!known(n) || n < 0) return NA;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let left = n;
  while (left >= 999.5 && unit < units.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${unit === 0 || left >= 100 ? Math.round(left) : left.toFixed(1)} ${units[unit]}`;
}

/** A time of day on this computer's clock: "14:02:31"; of another day with the date: "28 Nov, 14:02". */
export function time(iso: Maybe<string>, nowMs: number = Date.now()): string {
  const date = parsed(iso);
  if (date === null) return NA;
  if (date.toDateString() === new Date(nowMs).toDateString()) return date.toLocaleTimeString("en-GB");
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return `${day}, ${date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
}

/** A point in time in full, with the time zone of this computer: "28 Nov 2026, 14:02:31 GMT+1". */
export function exactTime(iso: Maybe<string>): string {
  const date = parsed(iso);
  return date === null ? NA : exact.format(date);
}

/** How long ago a time was: "just now", "3 min ago", "2 days ago". */
export function ago(iso: Maybe<string>, nowMs: number): string {
  const date = parsed(iso);
  if (date === null) return NA;
  const seconds = Math.max(0, (nowMs - date.getTime()) / 1000);
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 24 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? "yesterday" : `${days} days ago`;
}

function parsed(iso: Maybe<string>): Date | null {
  if (iso === null || iso === undefined) return null;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** A hyperparameter's value: 0.0012300001 → "0.00123", true → "yes". */
export function value(x: Maybe<string | number | boolean>): string {
  if (x === null || x === undefined) return NA;
  if (typeof x === "boolean") return x ? "yes" : "no";
  if (typeof x === "string") return x === "" ? NA : x;
  if (!Number.isFinite(x)) return NA;
  if (Number.isInteger(x)) return grouped.format(x);
  const size = Math.abs(x);
  const short = size < 1e-4 || size >= 1e6 ? x.toExponential(2) : String(Number(x.toPrecision(3)));
  return short.replace(/\.?0+e/, "e").replace("e+", "e");
}
