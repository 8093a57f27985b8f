// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { LiveTrial } from "../../live/store";
import { trialColumns } from "../../model/trialColumns";
import { exampleTrial } from "../../model/trialExample";
import { REDUCED } from "../../model/trialHealth";
import { TableCell } from "./TableCell";
import type { TrialList } from "./useTrialList";

afterEach(cleanup);

const METRICS = {
  neuron_utilization: 0.8,
  training_stability: 0.8,
  parameter_efficiency: 0.8,
  gradient_health: 0.8,
  convergence_quality: 0.8,
  accuracy_consistency: 0.8,
};
const weights = Object.fromEntries(Object.keys(METRICS).map((name) => [name, 1 / 6]));
const list = { best: 4, front: new Set([4, 5]), weights } as unknown as TrialList;

function cell(key: string, number: number) {
  const column = trialColumns(true, []).find((one) => one.key === key);
  const trial = exampleTrial({ number, health_metrics: { ...METRICS, overall_health: 0.4 } }) as LiveTrial;
  if (column === undefined) throw new Error(`no column ${key}`);
  return render(<TableCell list={list} trial={trial} column={column} open={false} />).container;
}

test("the best trial and the front are marked beside the number", () => {
  const marks = (number: number) =>
    [...cell("trial_number", number).querySelectorAll<HTMLElement>("[data-mark]")].map((mark) => mark.dataset.mark);
  expect([marks(4), marks(5), marks(6)]).toEqual([["best", "front"], ["front"], []]);
});

test("a halved health says so", () => {
  expect(cell("overall_health", 4).textContent).toBe("40\u00a0% (reduced)");
  expect(screen.getByTitle(REDUCED)).toBeTruthy();
});
