import { describe, expect, it } from "vitest";
import { type Codec, codecs, withParam } from "./url";

function roundTrip<T>(codec: Codec<T>, value: T): T {
  const search = withParam("other=1", "x", codec.write(value));
  return codec.read(new URLSearchParams(search).get("x"));
}

describe("search parameters", () => {
  it("come back as they were written", () => {
    expect(roundTrip(codecs.text(), "a & b = c, ü")).toBe("a & b = c, ü");
    expect(roundTrip(codecs.number(null), 0.25)).toBe(0.25);
    expect(roundTrip(codecs.number(null), null)).toBeNull();
    expect(roundTrip(codecs.list(), ["a,b", "c"])).toEqual(["a,b", "c"]);
    expect(roundTrip(codecs.choice(["up", "down"], "up"), "down")).toBe("down");
    expect(roundTrip(codecs.flag(), true)).toBe(true);
  });

  it("are left out at their fallback", () => {
    expect(withParam("x=5&y=2", "x", codecs.number(1).write(1))).toBe("y=2");
    expect(codecs.list().write([])).toBeNull();
    expect(codecs.flag().write(false)).toBeNull();
  });

  it("fall back where the text is no value", () => {
    expect(codecs.number(3).read("many")).toBe(3);
    expect(codecs.number(3).read("")).toBe(3);
    expect(codecs.choice(["up", "down"], "up").read("left")).toBe("up");
  });
});
