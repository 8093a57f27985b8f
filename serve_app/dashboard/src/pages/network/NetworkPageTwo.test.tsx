// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keys } from "../../api/keys";
import { PLAIN } from "../../network/testNetworks";
import type { LayerBox } from "../../network/types";
import NetworkPage from "./NetworkPage";

configure({ asyncUtilTimeout: 15_000 }); // a busy machine is many times slower than an idle one

interface Asked {
  hyperparameters: Record<string, unknown>;
}

/** Answers `POST /estimate`: a network whose dense layer has as many units as were asked for. */
const server = vi.hoisted(() => {
  const held = { asked: [] as Asked[], aborted: 0, delayMs: 0, refuses: false, layers: [] as object[] };
  const answer = (asked: Asked) => {
    const units = Number(asked.hyperparameters.first_dense_nodes ?? 128);
    const layers = held.layers.map((layer) => ({ ...layer }) as { layer_id?: string; units?: number });
    for (const layer of layers) if (layer.layer_id === "dense1") Object.assign(layer, { units, output_shape: [units] });
    const cost = { parameters: 1000 * units, memory_bytes: 5e6, flops: 1e6, seconds_per_epoch: units / 32 };
    return { layers, ...cost, hyperparameters: { dropout: 0.1, ...asked.hyperparameters } };
  };
  globalThis.fetch = (async (request: Request) => {
    if (!request.url.endsWith("/estimate")) return new Response("{}", { status: 404 });
    const asked = (await request.clone().json()) as Asked;
    held.asked.push(asked);
    const aborted = new Promise<never>((_, reject) => {
      request.signal.addEventListener("abort", () => {
        held.aborted += 1;
        reject(new DOMException("aborted", "AbortError"));
      });
    });
    if (held.delayMs > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, held.delayMs)), aborted]);
    const init = { headers: { "Content-Type": "application/json" } };
    if (held.refuses) {
      return new Response(JSON.stringify({ detail: "filters_9: no such parameter here" }), { ...init, status: 422 });
    }
    return new Response(JSON.stringify(answer(asked)), init);
  }) as typeof fetch;
  return held;
});

const ID = "digits";
const parameter = (name: string, more: object) => ({
  key: name,
  name,
  meaning: "",
  log: false,
  choices: null,
  when: {},
  ...more,
});
const SPACE = [
  parameter("first_dense_nodes", { kind: "int", low: 64, high: 192 }),
  parameter("optimizer", { kind: "choice", low: null, high: null, choices: ["adam", "sgd"] }),
];
const measured = (dead: number) => [{ layer_id: "dense1", dead, saturated: 0, gradient: 0.1, update: 0.001 }];
const OTHER: LayerBox[] = PLAIN.flatMap((layer): LayerBox[] => {
  if (layer.layer_id === "flatten") return [];
  return [layer.layer_id === "block1_conv" ? { ...layer, filters: 64, output_shape: [28, 28, 64] } : layer];
});

function page({ mode = "health", model = null as string | null } = {}) {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  const spec = { dataset: "digits", max_parameters: 150_000, max_memory_mb: 4096, max_epochs_per_trial: 10, model };
  client.setQueryData(keys.job(ID), { id: ID, mode, status: "completed", best_trial_number: 3, spec });
  client.setQueryData(keys.space(ID), { parameters: SPACE, exact: true });
  for (const [number, layers] of [
    [3, PLAIN],
    [5, OTHER],
  ] as const) {
    client.setQueryData(keys.trial(ID, number), {
      trial_number: number,
      hyperparameters: { first_dense_nodes: 128, optimizer: "adam" },
      performance: { total_score: 0.9 + number / 100, accuracy: 0.98, loss: 0.1 },
      health_metrics: null,
      architecture: { total_parameters: 400_000 + number },
      curves: [
        { epoch: 1, val_accuracy: 0.5, layers: measured(0.9) },
        { epoch: 2, val_accuracy: 0.7, layers: measured(0.05) },
      ],
      visualization: { layers },
    });
  }
  client.setQueryData([...keys.job(ID), "best-model"], { trial_number: 3, saved: true });
  return render(
    <QueryClientProvider client={client}>
      <NetworkPage id={ID} />
    </QueryClientProvider>,
  );
}

const panel = (name: string) => within(document.querySelector(`[data-panel="${name}"]`) as HTMLElement);
const address = (search: string) => window.history.replaceState(null, "", `/s/${ID}/network${search}`);
const nonsense = /NaN|Infinity|null|undefined/;

beforeEach(() => {
  Object.assign(server, { asked: [], aborted: 0, delayMs: 0, refuses: false, layers: PLAIN });
  address("?drawing=svg");
});
afterEach(cleanup);

describe("the epoch slider", { timeout: 30_000 }, () => {
  it("replays the health of the layers, and keeps the epoch in the address", async () => {
    const { container } = page();
    expect(panel("health-by-epoch").getByText(/^After epoch 2 of 2: 1 of 1 measured layer/)).toBeTruthy();
    fireEvent.change(screen.getByRole("slider", { name: "Epoch" }), { target: { value: "0" } });
    expect(panel("health-by-epoch").getByText(/^After epoch 1 of 2: .* lowest, 10 %/)).toBeTruthy();
    expect(container.querySelector("[data-legend=health]")).not.toBeNull();
    expect(screen.getByRole("button", { name: /dense1.*health 10\s%/ })).toBeTruthy();
    await waitFor(() => expect(window.location.search).toContain("epoch=1"));
    fireEvent.click(screen.getByRole("button", { name: "Show the end" }));
    await waitFor(() => expect(window.location.search).not.toContain("epoch="));
    expect(container.textContent).not.toMatch(nonsense);
  });

  it("plays epoch by epoch from the first one and stops at the end", async () => {
    page();
    const slider = screen.getByRole<HTMLInputElement>("slider", { name: "Epoch" });
    fireEvent.click(screen.getByRole("button", { name: "Play" }));
    expect(slider.value).toBe("0");
    await waitFor(() => expect(slider.value).toBe("1"));
    await waitFor(() => expect(screen.getByRole("button", { name: "Play" })).toBeTruthy());
  });

  it("is not there in mode simple", () => {
    page({ mode: "simple" });
    expect(document.querySelector("[data-panel=health-by-epoch]")).toBeNull();
  });
});

describe("a second trial laid over the first one", { timeout: 30_000 }, () => {
  it("shows what it adds, removes and changes, by colour, sign and word", () => {
    address("?drawing=svg&with=5");
    const { container } = page();
    const compared = panel("trial-5-against-trial-3");
    expect(compared.getByText(/^1 layer was removed and 1 changed; 7 are the same\./)).toBeTruthy();
    expect(compared.getByText("◆ changed")).toBeTruthy();
    expect(compared.getByText("− removed")).toBeTruthy();
    expect(compared.getByText(/filters 32 → 64/)).toBeTruthy();
    expect(container.querySelector("[data-legend=difference]")?.textContent).toContain("+ added");
    expect(screen.getByRole("heading", { name: "Trial 5 laid over trial 3" })).toBeTruthy();
    const list = within(screen.getByRole("list", { name: "Layers from input to output" }));
    expect(list.getAllByRole("button")).toHaveLength(PLAIN.length);
    expect(list.getByRole("button", { name: /− Flatten.*removed/ })).toBeTruthy();
    expect(container.textContent).not.toMatch(nonsense);
    fireEvent.click(compared.getByRole("button", { name: "Show all layers" }));
    expect(compared.getAllByText("same").length).toBeGreaterThan(0);
  });

  it("says why it cannot be drawn", async () => {
    address("?drawing=svg&with=9");
    page();
    expect(screen.getByRole("heading", { name: "Trial 9 laid over trial 3" })).toBeTruthy();
    expect(await screen.findByText(/The server answered with the status 404/)).toBeTruthy();
  });
});

describe("what if", { timeout: 30_000 }, () => {
  const nodes = () => screen.getByRole<HTMLInputElement>("slider", { name: "First dense nodes" });

  it("asks nothing until it is opened", async () => {
    page();
    await act(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(server.asked).toEqual([]);
    fireEvent.click(screen.getByRole("button", { name: "What if …" }));
    expect(await screen.findByText(/As it is, the network has 128,000 parameters/)).toBeTruthy();
    expect(window.location.search).toContain("what-if=1");
  });

  it("redraws the network with each move of a slider, against the limits of the study", async () => {
    address("?drawing=svg&what-if=1");
    const { container } = page();
    await screen.findByText(/As it is/);
    fireEvent.change(nodes(), { target: { value: "128" } });
    expect(nodes().value).toBe("128");
    expect(
      await screen.findByText(
        "With first dense nodes = 192 instead of 128, the network has 192,000 parameters instead of 128,000 and an " +
          "epoch takes about 1.5 times as long.",
      ),
    ).toBeTruthy();
    expect(screen.getByText(/The study would reject it before training: parameters/)).toBeTruthy();
    expect(screen.getByText("at most 150,000")).toBeTruthy();
    expect(screen.getByRole("button", { name: /◆ Dense.*units 128 → 192/ })).toBeTruthy();
    await waitFor(() => expect(decodeURIComponent(window.location.search)).toContain("if=first_dense_nodes=192"));
    expect(container.textContent).not.toMatch(nonsense);
    fireEvent.click(screen.getByRole("button", { name: "Reset" }));
    expect(await screen.findByText(/As it is/)).toBeTruthy();
  });

  it("lets the newest values win, and aborts older questions", async () => {
    address("?drawing=svg&what-if=1");
    page();
    await screen.findByText(/As it is/);
    server.delayMs = 400;
    for (const value of ["10", "20", "30", "40"]) {
      fireEvent.change(nodes(), { target: { value } });
      await act(() => new Promise((resolve) => setTimeout(resolve, 80)));
    }
    expect(await screen.findByText(/With first dense nodes = 104/)).toBeTruthy();
    await waitFor(() => expect(document.querySelector("[data-what-if=current]")?.textContent).toContain("104,000"));
    expect(server.aborted).toBeGreaterThan(0);
    expect(server.asked.at(-1)?.hyperparameters.first_dense_nodes).toBe(104);
  });

  it("is restored from a link, and says what the server refuses", async () => {
    address(`?drawing=svg&what-if=1&if=${encodeURIComponent("first_dense_nodes=64")}`);
    page();
    expect(await screen.findByText(/With first dense nodes = 64 instead of 128/)).toBeTruthy();
    server.refuses = true;
    fireEvent.change(nodes(), { target: { value: "77" } });
    expect(await screen.findByText("Filters_9: no such parameter here.")).toBeTruthy();
  });

  it("says why an own model has none", async () => {
    address("?drawing=svg&what-if=1");
    page({ model: "my_model.py" });
    expect(await screen.findByText(/The layers of an own model are known only once it is built/)).toBeTruthy();
  });
});
