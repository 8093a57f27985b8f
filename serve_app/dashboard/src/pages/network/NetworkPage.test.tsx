// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keys } from "../../api/keys";
import { PLAIN } from "../../network/testNetworks";
import NetworkPage from "./NetworkPage";

const ID = "digits";

interface Shown {
  mode?: "simple" | "health";
  best?: number | null;
  built?: boolean;
  scored?: boolean;
  status?: string;
}

function page({ mode = "health", best = 3, built = true, scored = true, status = "running" }: Shown = {}) {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  client.setQueryData(keys.job(ID), { id: ID, mode, status, best_trial_number: best });
  for (const number of [3, 5]) {
    client.setQueryData(keys.trial(ID, number), {
      trial_number: number,
      performance: scored ? { total_score: 0.974, accuracy: 0.98, loss: 0.1 } : null,
      health_metrics: null,
      curves: [{ epoch: 1, layers: [{ layer_id: "dense1", dead: 0.5, saturated: 0, gradient: 0.001, update: null }] }],
      visualization: built ? { layers: PLAIN } : null,
    });
  }
  client.setQueryData([...keys.job(ID), "best-model"], { trial_number: 3, saved: true });
  return render(
    <QueryClientProvider client={client}>
      <NetworkPage id={ID} />
    </QueryClientProvider>,
  );
}

const list = () => within(screen.getByRole("list", { name: "Layers from input to output" }));
const address = (search: string) => window.history.replaceState(null, "", `/s/${ID}/network${search}`);

beforeEach(() => address("?drawing=svg"));
afterEach(cleanup);

describe("the network page", { timeout: 20_000 }, () => {
  it("begins with the best trial and says in words what it draws", async () => {
    const { container } = page();
    expect(screen.getByText(/Trial 3 is the best so far, total score 97.4 %. Its network has 9 layers/)).toBeTruthy();
    expect(await screen.findByRole("application", {}, { timeout: 10_000 })).toBeTruthy();
    expect(container.textContent).not.toMatch(/NaN|Infinity|null|undefined/);
  });

  it("says so of a study that has ended without a doubt", () => {
    page({ status: "completed" });
    expect(screen.getByText(/Trial 3 is the best, total score 97.4 %/)).toBeTruthy();
  });

  it("selects a layer from the list, keeps it in the address, and shows its numbers by epoch", () => {
    page();
    fireEvent.click(list().getByRole("button", { name: /dense1/ }));
    expect(window.location.search).toContain("layer=dense1");
    expect(
      list()
        .getByRole("button", { name: /dense1/ })
        .getAttribute("aria-pressed"),
    ).toBe("true");
    expect(screen.getByRole("region", { name: "Measurements of the layer by epoch" }).textContent).toContain(
      "50\u00a0%",
    );
    fireEvent.keyDown(list().getByRole("button", { name: /dense1/ }), { key: "ArrowRight" });
    expect(window.location.search).toContain("layer=classes");
    fireEvent.keyDown(list().getByRole("button", { name: /classes/ }), { key: "Escape" });
    expect(window.location.search).not.toContain("layer=");
  });

  it("restores layer, colour and trial from the address", () => {
    address("?drawing=svg&trial=5&layer=block1_conv&colour=parameters");
    page();
    expect(screen.getByText(/^Trial 5, total score/)).toBeTruthy();
    expect(screen.getByText("1,000,000 and more")).toBeTruthy();
    expect(
      list()
        .getByRole("button", { name: /block1_conv/ })
        .getAttribute("aria-pressed"),
    ).toBe("true");
    fireEvent.click(screen.getByRole("button", { name: "Show the best trial" }));
    expect(window.location.search).not.toContain("trial=");
  });

  it("shows no health in mode simple, whatever the address says", () => {
    address("?drawing=svg&colour=health&layer=dense1");
    const { container } = page({ mode: "simple" });
    expect(container.textContent).not.toMatch(/health/i);
    expect(container.querySelector("[data-legend=score]")).not.toBeNull();
  });

  it("shows all six components of the health in mode health, as N/A before they are measured", () => {
    page({ scored: false });
    for (const name of ["Overall health", "Neuron utilization", "Gradient health", "Accuracy consistency"]) {
      expect(screen.getByText(name).nextElementSibling?.textContent).toBe("N/A");
    }
  });

  it("offers the model archive of the best trial only", () => {
    page();
    expect(screen.getByRole("link", { name: "Model archive" }).getAttribute("href")).toBe(
      "/jobs/digits/best-model/archive",
    );
    cleanup();
    address("?drawing=svg&trial=5");
    page();
    expect(screen.queryByRole("link", { name: "Model archive" })).toBeNull();
    expect(screen.getByText("Model archive: of trial 3 only, the best.")).toBeTruthy();
  });

  it("names only the keys that do something: a flat drawing is not turned", () => {
    page();
    expect(screen.getByText(/Keys: arrows select, Alt moves/)).toBeTruthy();
  });

  it("says why nothing is drawn", () => {
    page({ best: null });
    expect(screen.getByText("No network yet")).toBeTruthy();
    cleanup();
    page({ built: false });
    expect(screen.getByText(/Trial 3 has no network/)).toBeTruthy();
  });
});
