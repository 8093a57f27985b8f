import { describe, expect, it } from "vitest";
import { bands, blockColours, legendTitle } from "./colours";
import { flatBounds } from "./drawing";
import { dragged, zoomedAt } from "./flatMoves";
import { flatPicture, flatTransform, pictureCentre } from "./flatPicture";
import { layoutNetwork } from "./layout";
import { fileSize, svgFile } from "./svgFile";
import { layer, PLAIN, REPEATED } from "./testNetworks";
import { FIT } from "./view";

const around = {
  title: "Network of trial <17> & more",
  legendTitle: legendTitle("score", 0.93),
  legend: bands("score", "usual"),
  background: "#ffffff",
  text: "#000000",
  muted: "#555555",
};

function file(layers: typeof PLAIN, selected: string | null = null): string {
  const layout = layoutNetwork(layers);
  const colours = blockColours(layout, "score", "usual", 0.93);
  const size = fileSize(flatBounds(layout));
  return svgFile(flatPicture({ layout, colours, view: FIT, ...size, selected, lineColour: "#888888" }), around);
}

describe("an SVG file", () => {
  it("holds the drawing in the legend's colour, the labels and the numbers of the legend", () => {
    const text = file(PLAIN);
    expect(text).toContain('fill="#2a9d5c"');
    expect(text).toContain(">28 × 28 × 32<");
    expect(text).toContain(">401,536 parameters<");
    expect(text).toContain(">90 % and more<");
    expect(text).toContain(">Total score of the trial: 93.0\u00a0%<");
    expect(text).toContain("trial &#60;17&#62; &#38; more");
    expect(text).not.toMatch(/NaN|undefined|var\(/);
  });

  it("says how often equal layers repeat", () => {
    expect(file(REPEATED)).toContain(">× 4<");
  });

  it("is no script, whatever a layer is called", () => {
    expect(file([layer("a", "<script>alert(1)</script>", [3])])).not.toContain("<script");
  });
});

describe("the flat drawing on the page", () => {
  const layout = layoutNetwork(PLAIN);

  it("fits into every picture", () => {
    for (const [width, height] of [
      [320, 300],
      [900, 500],
      [3000, 700],
    ] as const) {
      const { left, right, top, bottom } = flatBounds(layout);
      const { scale, x, y } = flatTransform(layout, FIT, width, height);
      expect(x + left * scale).toBeGreaterThan(0);
      expect(x + right * scale).toBeLessThan(width);
      expect(y + top * scale).toBeGreaterThan(0);
      expect(y + bottom * scale).toBeLessThan(height);
    }
  });

  it("follows a pointer that drags it", () => {
    const before = flatTransform(layout, FIT, 900, 500);
    const after = flatTransform(layout, dragged(FIT, before.scale, 30, -20), 900, 500);
    expect([after.x - before.x, after.y - before.y]).toEqual([expect.closeTo(30), expect.closeTo(-20)]);
  });

  it("keeps the point under the pointer while it is zoomed", () => {
    const before = flatTransform(layout, FIT, 900, 500);
    const after = flatTransform(layout, zoomedAt(FIT, before, 2, [200, 100], pictureCentre(900, 500)), 900, 500);
    const at = (transform: typeof before) => [
      (200 - transform.x) / transform.scale,
      (100 - transform.y) / transform.scale,
    ];
    const [x, y] = at(before);
    expect(at(after)).toEqual([expect.closeTo(x ?? 0), expect.closeTo(y ?? 0)]);
  });

  it("has no labels where it is small", () => {
    const colours = blockColours(layout, "score", "usual", null);
    const options = { layout, colours, view: FIT, width: 300, height: 120, selected: null, lineColour: "#888888" };
    expect(flatPicture({ ...options, compact: true }).labels).toEqual([]);
    expect(flatPicture({ ...options, height: 300 }).labels.length).toBeGreaterThan(0);
  });

  it("always labels the selected layer", () => {
    const colours = blockColours(layout, "score", "usual", null);
    const options = { layout, colours, view: FIT, width: 420, height: 300, lineColour: "#888888" };
    for (const { key } of layout.blocks) {
      expect(flatPicture({ ...options, selected: key }).labels.map((label) => label.key)).toContain(key);
    }
  });
});
