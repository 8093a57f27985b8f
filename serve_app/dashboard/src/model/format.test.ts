import { describe, expect, it } from "vitest";
import { ago, bytes, count, duration, exactTime, loss, NA, percent, time, value, wholePercent } from "./format";

describe("format", () => {
  it("writes shares as percent", () => {
    expect(percent(0.9741)).toBe("97.4\u00a0%");
    expect(percent(1, 0)).toBe("100\u00a0%");
    expect(wholePercent(0.846)).toBe("85\u00a0%");
  });

  it("writes N/A for whatever is no number", () => {
    for (const write of [percent, wholePercent, loss, count, duration, bytes]) {
      for (const absent of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) expect(write(absent)).toBe(NA);
    }
    expect(value(null)).toBe(NA);
    expect(value(Number.NaN)).toBe(NA);
    expect(time("not a time")).toBe(NA);
    expect(exactTime("not a time")).toBe(NA);
    expect(ago(null, 0)).toBe(NA);
  });

  it("writes durations as the two largest units", () => {
    expect(duration(0.25)).toBe("0.3 s");
    expect(duration(12.4)).toBe("12 s");
    expect(duration(72)).toBe("1 min 12 s");
    expect(duration(3599.7)).toBe("1 h");
    expect(duration(7260)).toBe("2 h 1 min");
    expect(duration(90_000)).toBe("1 d 1 h");
  });

  it("writes sizes and counts", () => {
    expect(count(12_345)).toBe("12,345");
    expect(bytes(999)).toBe("999 B");
    expect(bytes(1_234_567)).toBe("1.2 MB");
    expect(loss(0.12345)).toBe("0.123");
    expect(loss(3.2e7)).toBe("3.20e+7");
  });

  it("writes times relative to now", () => {
    const now = Date.parse("2026-11-29T12:00:00Z");
    expect(ago("2026-11-29T11:59:55Z", now)).toBe("just now");
    expect(ago("2026-11-29T11:57:00Z", now)).toBe("3 min ago");
    expect(ago("2026-11-28T11:00:00Z", now)).toBe("yesterday");
    expect(time("2026-11-29T12:00:00Z", now)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(exactTime("2026-11-29T12:00:00Z")).toMatch(/^\d+ Nov 2026, \d\d:\d\d:\d\d \S+$/);
  });

  it("writes hyperparameters short", () => {
    expect(value(0.0012300001)).toBe("0.00123");
    expect(value(0.00001)).toBe("1e-5");
    expect(value(true)).toBe("yes");
    expect(value("relu")).toBe("relu");
    expect(value(2048)).toBe("2,048");
  });
});
