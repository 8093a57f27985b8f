import { expect, it } from "vitest";
import { problemsOf } from "./analysis/problems";
import { attention } from "./attention";
import { exampleTrial } from "./trialExample";
import { lastingFindings } from "./trialFindings";

const finding = (name: string, epoch: number) => ({ name, epoch, evidence: "98.0\u00a0% not improved" });
const findings = [finding("dying_units", 1), finding("no_more_gain", 11)];

it("leaves out that a trial gained no more if it did gain later", () => {
  const names = (best_epoch: number | null) => lastingFindings({ findings, best_epoch }).map(({ name }) => name);
  expect(names(27)).toEqual(["dying_units"]);
  expect(names(8)).toEqual(["dying_units", "no_more_gain"]);
  expect(names(null)).toEqual(["dying_units", "no_more_gain"]);
});

it("leaves it out of the attention and the problems of a study", () => {
  const trials = [{ ...exampleTrial({ best_epoch: 27 }), findings: [finding("no_more_gain", 11)] }];
  expect(attention("digits", trials)).toEqual([]);
  expect(problemsOf("digits", trials)).toEqual([]);
});
