/** A brush is a stretch of an axis: from a drag or from keys to the condition that it means, and back. */
import { type Axis, numberAt, positionOf } from "./axis";
import type { Condition, Part } from "./selection";

/** Ends as places on the axis, from 0 to 1; "absent": trials without a value. */
export type Stretch = readonly [low: number, high: number] | "absent";

const DIGITS = 3;
const STEP = 0.05;
const FIRST = 0.25;

/** What a stretch selects. An end at the edge of the axis is left open. */
export function partsOf({ scale }: Axis, stretch: Stretch): Part[] {
  if (stretch === "absent") return [{ kind: "absent" }];
  const [from, to] = stretch[0] <= stretch[1] ? stretch : [stretch[1], stretch[0]];
  if (scale.kind === "choice") {
    return scale.values
      .filter((_, place) => {
        const at = (place + 0.5) / scale.values.length;
        return at >= from && at <= to;
      })
      .map((text) => ({ kind: "value", text }));
  }
  const bound = (share: number, round: (x: number) => number) => {
    const value = numberAt(scale, share);
    return scale.whole ? round(value) : outward(value, round);
  };
  const low = from <= 0.001 ? null : bound(from, scale.whole ? Math.ceil : Math.floor);
  const high = to >= 0.999 ? null : bound(to, scale.whole ? Math.floor : Math.ceil);
  return low !== null && high !== null && low > high ? [] : [{ kind: "range", low, high }];
}

/** Rounded to a few digits, so that the address stays short. */
function outward(value: number, round: (x: number) => number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - DIGITS + 1);
  // What is a round number but for the error of its computation stays one.
  const units = Number((value / unit).toPrecision(DIGITS + 6));
  return Number((round(units) * unit).toPrecision(DIGITS + 1));
}

/** The stretch that a condition covers; null: none of this axis. */
export function stretchOf(axis: Axis, condition: Condition | undefined): Stretch | null {
  if (condition === undefined) return null;
  const { scale } = axis;
  const ends: number[] = [];
  for (const part of condition.parts) {
    if (part.kind === "range" && scale.kind === "number") {
      ends.push(part.low === null ? 0 : (positionOf(axis, part.low) ?? 0));
      ends.push(part.high === null ? 1 : (positionOf(axis, part.high) ?? 1));
    }
    if (part.kind === "value" && scale.kind === "number") {
      const at = positionOf(axis, Number(part.text));
      if (at !== null) ends.push(at - 0.01, at + 0.01);
    }
    if (part.kind === "value" && scale.kind === "choice") {
      const at = scale.values.indexOf(part.text);
      if (at >= 0) ends.push(at / scale.values.length, (at + 1) / scale.values.length);
    }
  }
  if (ends.length > 0) return [Math.min(...ends), Math.max(...ends)];
  return condition.parts.some(({ kind }) => kind === "absent") ? "absent" : null;
}

/**
 * The stretch after a key: up and down move it (the first press makes one at that end of the axis), with `wide` up makes
 * it wider and down narrower. Below the lower end lies "absent", if there are trials without a value.
 */
export function movedStretch(
  { scale }: Axis,
  stretch: Stretch | null,
  key: "up" | "down",
  wide: boolean,
  hasAbsent: boolean,
): Stretch {
  const step = scale.kind === "choice" ? 1 / scale.values.length : STEP;
  const first = scale.kind === "choice" ? step : FIRST;
  if (stretch === null) return key === "up" ? [1 - first, 1] : [0, first];
  if (stretch === "absent") return key === "up" ? [0, first] : "absent";
  const [low, high] = stretch;
  const sign = key === "up" ? 1 : -1;
  if (wide) {
    const [from, to] = [Math.max(0, low - sign * step), Math.min(1, high + sign * step)];
    return to - from < step - 1e-9 ? stretch : [from, to];
  }
  const by = sign > 0 ? Math.min(step, 1 - high) : -Math.min(step, low);
  if (sign < 0 && by > -1e-9 && hasAbsent) return "absent";
  return [Math.max(0, low + by), Math.min(1, high + by)];
}

/** A condition in words: "Learning rate 0.001 to 0.01", "Optimizer adam or sgd", "Dropout absent". */
export function conditionText(axis: Axis | undefined, { key, parts }: Condition): string {
  const name = axis?.label ?? (key === "trial_number" ? "Trials" : key.replace(/^hp\./, "").replaceAll("_", " "));
  const write = (value: number) => axis?.write(value) ?? String(value);
  const texts = parts.map((part) => {
    if (part.kind === "absent") return "absent";
    if (part.kind === "value") return valueText(axis, part.text);
    if (part.low === null && part.high === null) return "any value";
    if (part.low === null) return `at most ${write(part.high ?? 0)}`;
    return part.high === null ? `at least ${write(part.low)}` : `${write(part.low)} to ${write(part.high)}`;
  });
  const shown = texts.length > 6 ? [...texts.slice(0, 5), `${texts.length - 5} more`] : texts;
  return `${name} ${shown.join(key === "trial_number" ? ", " : " or ")}`;
}

function valueText(axis: Axis | undefined, text: string): string {
  if (axis === undefined) return text;
  if (text === "true" || text === "false") return axis.write(text === "true");
  return Number.isFinite(Number(text)) && text !== "" ? axis.write(Number(text)) : axis.write(text);
}
