import { expect, test } from "vitest";
import { byField, formErrors, formWarnings } from "./specErrors";
import { OPTIONS } from "./specSample";

const problem = (errors: [string, string][], detail = "", remedy: string | null = null, status = 422) =>
  formErrors({ status, detail, remedy, errors: errors.map(([field, message]) => ({ field, message })) }, OPTIONS);

test("an error stands beside the field that it names", () => {
  expect(problem([["trials", "must be greater than or equal to 1"]])).toEqual([
    { field: "trials", message: "A whole number from 1 to 100,000." },
  ]);
  expect(problem([["spec.trials", "must be a valid integer"]])[0]?.field).toBe("trials");
  expect(problem([["objective.tuple[Objective,...].0", "no"]])[0]?.field).toBe("objective");
  expect(problem([["space.learning_rate.low", "no"]])[0]?.field).toBe("space.learning_rate");
  expect(problem([["health_weights", "the six weights sum to 1.1, must be 1: neuron_utilization"]])[0]?.field).toBe(
    "health_weights",
  );
});

test("an error of the whole study stands beside the first field that its message names", () => {
  const above = "min_epochs_per_trial=50 is above max_epochs_per_trial=10: lower the first or raise the second";
  expect(problem([["", above]])).toEqual([{ field: "min_epochs_per_trial", message: `${above}.` }]);
  expect(problem([["", "mode=pareto optimises val_accuracy and overall_health: leave objective out"]])[0]?.field).toBe(
    "objective",
  );
  expect(problem([["", "accuracy_weight has no effect in mode=simple: leave it out"]])[0]?.field).toBe(
    "accuracy_weight",
  );
});

test("a refusal without fields is read the same way, with its remedy", () => {
  const [first] = problem([], "space.dropout=3 is out of range", "write a number from 0 to 0.95");
  expect(first).toEqual({
    field: "space.dropout",
    message: "space.dropout=3 is out of range: write a number from 0 to 0.95.",
  });
  const grid = "searcher=grid tries every combination, and dropout is a range";
  expect(problem([], grid, "give choices, such as space.dropout=[...]")[0]?.field).toBe("searcher");
  expect(
    problem([], "study 'first' already exists", "choose another run_name, or POST /jobs/first/resume", 409),
  ).toEqual([
    {
      field: "run_name",
      message: "A study named “first” exists already: choose another name, or resume it on its page.",
    },
  ]);
  expect(problem([], "the trials of this cluster have no room")[0]?.field).toBe(null);
});

test("several messages of one field are joined, the same one is shown once", () => {
  const errors = problem([
    ["concurrent_workers.constrained-int", "must be a valid integer"],
    ["concurrent_workers.literal['auto']", "must be 'auto'"],
    ["concurrent_workers", "no room for it"],
  ]);
  expect(byField(errors).get("concurrent_workers")).toBe("A whole number from 1 to 1,000, or auto. No room for it.");
});

test("what the estimate says that cannot work stands at its field", () => {
  const message = "no network can meet parameter_count<=10, the smallest has 330 parameters: allow at least 330";
  expect(formWarnings([{ field: "spec.constraints", message }], OPTIONS)).toEqual([
    { field: "constraints", message: `N${message.slice(1)}.` },
  ]);
  expect(formWarnings([], OPTIONS)).toEqual([]);
  expect(formWarnings(undefined, OPTIONS)).toEqual([]);
});
