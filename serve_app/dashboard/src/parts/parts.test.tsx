// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  Bar,
  Boundary,
  Button,
  CopyButton,
  Dialog,
  ErrorNote,
  Field,
  Panel,
  panelState,
  Segmented,
  StatusBadge,
} from ".";
import { kebab } from "./Panel";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("a control is connected with its label, its hint and its error", () => {
  render(
    <Field label="Networks" hint="Each one is a trial." error="Must be a number.">
      {(ids) => <input {...ids} />}
    </Field>,
  );
  const input = screen.getByLabelText("Networks");
  expect(input.getAttribute("aria-invalid")).toBe("true");
  const described = (input.getAttribute("aria-describedby") ?? "").split(" ");
  expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual([
    "Each one is a trial.",
    "Must be a number.",
  ]);
});

test("a field without an error is not marked as invalid", () => {
  render(
    <Field label="Networks" error={null}>
      {(ids) => <input {...ids} />}
    </Field>,
  );
  const input = screen.getByLabelText("Networks");
  expect(input.hasAttribute("aria-invalid")).toBe(false);
  expect(input.hasAttribute("aria-describedby")).toBe(false);
});

test("a panel that loads for 10 s names the cause and offers to try again", () => {
  const retry = vi.fn();
  render(<Panel title="All curves" state={{ kind: "loading", retry }} />);
  expect(screen.queryByRole("button")).toBe(null);
  act(() => vi.advanceTimersByTime(10_000));
  expect(screen.getByText(/has not answered for 10 s/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledOnce();
  expect(screen.queryByRole("button")).toBe(null);
  act(() => vi.advanceTimersByTime(10_000));
  expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
});

const curve = { broken: false };

function Curve() {
  if (curve.broken) throw new Error("no such curve");
  return <p>drawn</p>;
}

test("a fault in one panel leaves the others alive, and can be tried again", () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  curve.broken = true;
  render(
    <>
      <Panel title="Curves">
        <Curve />
      </Panel>
      <Panel title="Workers">
        <p>alive</p>
      </Panel>
    </>,
  );
  expect(screen.getByText("alive")).toBeTruthy();
  expect(screen.getByText("no such curve")).toBeTruthy();
  curve.broken = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(screen.getByText("drawn")).toBeTruthy();
  log.mockRestore();
});

test("the state of a panel follows its query; old data stay in view while a newer answer fails", () => {
  const query = { isPending: false, isError: false, error: null, data: [1] as unknown, refetch: () => {} };
  expect(panelState({ ...query, isPending: true, data: undefined }).kind).toBe("loading");
  expect(panelState({ ...query, isError: true, data: undefined }).kind).toBe("error");
  expect(panelState({ ...query, isError: true }).kind).toBe("partial");
  expect(panelState({ ...query, data: [] }, "Nothing yet.")).toEqual({ kind: "empty", text: "Nothing yet." });
  expect(panelState(query).kind).toBe("ready");
});

test("panels are named for tests by their title", () => {
  expect(kebab("What will happen?")).toBe("what-will-happen");
});

test("an error shows its message and its remedy, and never nothing", () => {
  const refused = Object.assign(new Error("The study runs."), { remedy: "Cancel it first." });
  const { rerender } = render(<ErrorNote error={refused} />);
  expect(screen.getByText("Cancel it first.")).toBeTruthy();
  rerender(<ErrorNote error={new Error("the token is wrong")} />);
  expect(screen.getByText("The token is wrong.")).toBeTruthy();
  for (const error of [new Error(""), "text", null]) {
    rerender(<ErrorNote error={error} />);
    expect(screen.getByText("Something failed without a message.")).toBeTruthy();
  }
});

const LETTERS = (["a", "b", "c"] as const).map((value) => ({ value, label: value }));

function Letters() {
  const [value, setValue] = useState<"a" | "b" | "c">("a");
  return <Segmented label="Letters" value={value} options={LETTERS} onChange={setValue} />;
}

test("a group of choices is one tab stop with arrow keys", () => {
  render(<Letters />);
  const radios = screen.getAllByRole("radio");
  expect(radios.map((radio) => radio.tabIndex)).toEqual([0, -1, -1]);
  fireEvent.keyDown(screen.getByRole("radiogroup"), { key: "ArrowLeft" });
  expect(screen.getByRole("radio", { checked: true }).textContent).toBe("c");
  expect(document.activeElement?.textContent).toBe("c");
});

test("a busy button takes no second click", () => {
  const click = vi.fn();
  render(
    <Button busy onClick={click}>
      Start
    </Button>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Start" }));
  expect(click).not.toHaveBeenCalled();
});

test("a text is copied, also where the browser forbids the clipboard", async () => {
  const writeText = vi.fn().mockRejectedValueOnce(new DOMException("no")).mockResolvedValue(undefined);
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  document.execCommand = vi.fn(() => true);
  render(<CopyButton text="tuner run" />);
  await act(async () => fireEvent.click(screen.getByRole("button", { name: "Copy" })));
  expect(document.execCommand).toHaveBeenCalledWith("copy");
  expect(screen.getByText("Copied")).toBeTruthy();
  expect(document.querySelector("textarea")).toBe(null);
  act(() => vi.advanceTimersByTime(2_000));
  expect(screen.getByText("Copy")).toBeTruthy();
  vi.unstubAllGlobals();
});

test("a bar without a value says nothing, and one beyond its ends stays inside", () => {
  const { rerender } = render(<Bar share={null} label="Progress" />);
  expect(screen.getByRole("progressbar").hasAttribute("aria-valuenow")).toBe(false);
  for (const [share, shown] of [
    [Number.NaN, null],
    [0.744, "74"],
    [7, "100"],
    [-1, "0"],
  ] as const) {
    rerender(<Bar share={share} label="Progress" />);
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe(shown);
  }
});

test("every status has a word, also one that this page does not know", () => {
  render(
    <>
      <StatusBadge status="pruned" />
      <StatusBadge status="paused" />
    </>,
  );
  expect(screen.getByText("Stopped early")).toBeTruthy();
  expect(screen.getByText("Paused")).toBeTruthy();
});

test("Escape closes a dialog, which names and describes itself", () => {
  const close = vi.fn();
  render(
    <Dialog open onClose={close} title="Delete digits?" description="This frees 12 MB.">
      <Button>Delete</Button>
    </Dialog>,
  );
  const dialog = screen.getByRole("dialog", { name: "Delete digits?" });
  expect(document.getElementById(dialog.getAttribute("aria-describedby") ?? "")?.textContent).toBe("This frees 12 MB.");
  fireEvent.keyDown(document.activeElement ?? dialog, { key: "Escape" });
  expect(close).toHaveBeenCalledOnce();
});

test("a boundary keeps its content while nothing fails", () => {
  render(
    <Boundary title="Log">
      <p>lines</p>
    </Boundary>,
  );
  expect(screen.getByText("lines")).toBeTruthy();
});
