import { expect, test } from "vitest";
import { attention, type TrialForAttention } from "./attention";

const trial = (number: number, changes: Partial<TrialForAttention> = {}): TrialForAttention => ({
  number,
  status: "completed",
  cause: "all_epochs",
  reason: "all epochs trained",
  findings: [],
  ...changes,
});
const finding = (name: string, remedy: string | null = null) => ({
  name,
  epoch: 4,
  evidence: "40\u00a0% of the units",
  remedy,
});

test("nothing to report is nothing", () => {
  expect(attention("digits", [trial(1), trial(2, { status: "pruned", cause: "pruned" })])).toEqual([]);
});

test("failures are grouped by cause, before findings", () => {
  const groups = attention("digits", [
    trial(3, { status: "failed", cause: "out_of_memory", reason: "no memory left" }),
    trial(1, { status: "failed", cause: "out_of_memory", reason: "no memory" }),
    trial(4, { findings: [finding("dying_units", "lower the learning rate")] }),
    trial(2, {
      status: "diverged",
      cause: "diverged",
      reason: "the loss is not finite in epoch 2",
      findings: [finding("divergence")],
    }),
  ]);
  expect(groups.map((group) => group.title)).toEqual([
    "2 trials failed: out of memory",
    "1 trial diverged",
    "Dying units in 1 trial",
  ]);
  expect(groups[0]).toMatchObject({
    evidence: "Trial 3: no memory left.",
    href: "/s/digits/trials?status=failed&cause=out_of_memory",
    trials: [{ number: 1 }, { number: 3 }],
  });
  expect(groups[2]?.remedy).toBe("lower the learning rate");
  expect(groups[2]?.href).toBeNull();
});

test("a problem found twice in one trial counts once", () => {
  const [group] = attention("digits", [trial(1, { findings: [finding("saturation"), finding("saturation")] })]);
  expect(group?.trials).toEqual([{ number: 1, href: "/s/digits?trial=1" }]);
});
