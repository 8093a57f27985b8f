import { describe, expect, it } from "vitest";
import { isFiltered, NO_FILTER } from "./trialFilter";
import * as view from "./trialView";

/** The search text after some changes. */
function search(...changes: Record<string, string | null>[]): string {
  const params = new URLSearchParams();
  for (const [name, text] of changes.flatMap((change) => Object.entries(change))) {
    if (text === null) params.delete(name);
    else params.set(name, text);
  }
  return params.toString();
}

describe("the address of a list of trials", () => {
  it("holds nothing for the first view", () => {
    const first = view.readTrialView("");
    expect(first).toEqual({
      filter: NO_FILTER,
      sort: { key: "trial_number", descending: false },
      as: "gallery",
      columns: [],
    });
    expect(
      search(view.writeOrder(first.sort), view.writeAs(first.as), view.writeColumns([]), view.writeNoFilter()),
    ).toBe("");
  });

  it("brings back what was written", () => {
    const text = search(
      view.writeText("adam #17"),
      view.writeChips("status", ["pruned", "failed"]),
      view.writeFront(true),
      view.writeRange("accuracy", { min: 0.905, max: null }),
      view.writeRange("duration", { min: null, max: 60 }),
      view.writeOrder({ key: "hp.learning_rate", descending: false }),
      view.writeAs("table"),
      view.writeColumns(["loss", "accuracy"]),
    );
    const read = view.readTrialView(text);
    expect(read.filter).toEqual({
      ...NO_FILTER,
      text: "adam #17",
      status: ["pruned", "failed"],
      front: true,
      accuracy: { min: 0.905, max: null },
      duration: { min: null, max: 60 },
    });
    expect(read.sort).toEqual({ key: "hp.learning_rate", descending: false });
    expect([read.as, read.columns]).toEqual(["table", ["loss", "accuracy"]]);
    expect(
      isFiltered(
        view.readTrialView(search(Object.fromEntries(new URLSearchParams(text)), view.writeNoFilter())).filter,
      ),
    ).toBe(false);
  });

  it("ignores what is no number", () => {
    expect(view.readTrialView("min_accuracy=high&max_accuracy=").filter.accuracy).toEqual({ min: null, max: null });
  });

  it("toggles a chip and converts bounds from percent", () => {
    expect(view.toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(view.toggled(["a", "b"], "a")).toEqual(["b"]);
    expect(view.readBound("90.5", 0.01)).toBe(0.905);
    expect(view.readBound("1,000", 1)).toBe(1000);
    expect(view.readBound("x", 1)).toBeNull();
    expect(view.readBound("80 %", 0.01)).toBe(0.8);
    expect([view.isBound("abc"), view.isBound("80%"), view.isBound(" ")]).toEqual([false, true, true]);
    expect(view.rangeFault({ min: 0.9, max: 0.5 })).toMatch(/“from” is above “to”/);
    expect(view.rangeFault({ min: 0.5, max: null })).toBeNull();
    expect([view.writeBound(0.905, 0.01), view.writeBound(null, 1)]).toEqual(["90.5", ""]);
  });
});
