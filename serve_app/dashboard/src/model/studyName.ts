/** A study's name where room is scarce: its end tells studies of the same data apart, so that the middle is left out. */

const WHOLE = 16;
const END = 7;
/** The time of day and four random characters, at the end of a name that the server made. */
const MADE = /-\d{6}-[0-9a-f]{4}$/;

/** The name in two parts: the first one may be cut, the second one may not. */
export function splitName(name: string): { start: string; end: string } {
  if (name.length <= WHOLE) return { start: name, end: "" };
  const length = MADE.exec(name)?.[0].length ?? END;
  return { start: name.slice(0, -length), end: name.slice(-length) };
}
