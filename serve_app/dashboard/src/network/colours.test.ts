import { describe, expect, it } from "vitest";
import { bands, COLOUR_BY, colourOf, layerValue, SCALES, shaded } from "./colours";
import { layer, PLAIN, REPEATED } from "./testNetworks";

/** As in WCAG 2.2. */
function contrast(one: string, other: string): number {
  const light = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((place) => Number.parseInt(colour.slice(place, place + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const [more, less] = [light(one), light(other)].sort((a, b) => b - a);
  return (more ?? 1) / (less ?? 1);
}

describe("colours", () => {
  it("of a score are green from 0.9, amber from 0.8, red from 0.7, grey below", () => {
    const score = bands("score", "usual");
    const [green, amber, red, grey, unknown] = score.map(({ colour }) => colour);
    expect([0.95, 0.9, 0.89, 0.8, 0.79, 0.7, 0.69, 0].map((value) => colourOf(score, value))).toEqual([
      green,
      green,
      amber,
      amber,
      red,
      red,
      grey,
      grey,
    ]);
    expect([null, undefined, Number.NaN].map((value) => colourOf(score, value))).toEqual([unknown, unknown, unknown]);
  });

  it("have a number for each band, and differ within a scale", () => {
    for (const by of COLOUR_BY)
      for (const scale of SCALES) {
        const shown = bands(by, scale);
        expect(new Set(shown.map(({ colour }) => colour)).size).toBe(shown.length);
        const numbered = by === "kind" ? /\w/ : /\d/;
        for (const { from, label } of shown) expect(label).toMatch(from === null ? /\w/ : numbered);
      }
  });

  it("of a scale for colour-blind people differ from the usual ones", () => {
    expect(bands("score", "colour-blind")[0]?.colour).not.toBe(bands("score", "usual")[0]?.colour);
  });

  it("of parameters grow with the number", () => {
    const shown = bands("parameters", "usual");
    expect(colourOf(shown, 0)).toBe(shown[shown.length - 1]?.colour);
    expect(colourOf(shown, 999)).not.toBe(colourOf(shown, 1000));
    expect(colourOf(shown, 5e9)).toBe(shown[0]?.colour);
  });

  it("show the worst health of layers that are drawn once", () => {
    expect(layerValue("health", REPEATED, 0.9)).toBe(0.25);
    expect(layerValue("health", PLAIN.slice(0, 2), 0.9)).toBeNull();
    expect(layerValue("score", PLAIN, 0.9)).toBe(0.9);
    expect(layerValue("parameters", PLAIN.slice(2, 3), 0.9)).toBe(320);
  });

  it("tell the kinds of layers apart, on both grounds", () => {
    const shown = bands("kind", "usual");
    const of = (type: string) => colourOf(shown, layerValue("kind", [layer("a", type, [1])], null));
    const types = ["Conv2D", "LSTM", "Dense", "MaxPooling2D", "BatchNormalization", "Dropout", "InputLayer"];
    expect(new Set(types.map(of)).size).toBe(types.length);
    expect(of("Activation")).toBe(of("Dropout"));
    for (const { colour } of shown)
      for (const ground of ["#ffffff", "#15181d"]) expect(contrast(colour, ground)).toBeGreaterThan(3);
  });

  it("can be shaded", () => {
    expect(shaded("#808080", 0.5)).toBe("#404040");
    expect(shaded("#000000", 1.5)).toBe("#808080");
  });
});
