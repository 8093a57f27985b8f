// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tellSession } from "../../api/sessionNews";

const answers = vi.hoisted(() => ({
  session: { login_required: true, logged_in: false },
  login: () => new Response(),
}));
vi.hoisted(() => {
  globalThis.fetch = async (input) =>
    new URL((input as Request).url).pathname === "/session" ? Response.json(answers.session) : answers.login();
});
const { default: LoginPage } = await import("./LoginPage");

const refusal = (status: number, detail: string, remedy: string, headers: Record<string, string> = {}) =>
  Response.json({ title: "", status, detail, remedy, errors: [] }, { status, headers });

beforeEach(() => window.history.replaceState(null, "", "/login?next=/new"));
afterEach(() => {
  vi.useRealTimers();
  cleanup();
});

async function logIn(answer: Response) {
  answers.session = { login_required: true, logged_in: false };
  answers.login = () => answer;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LoginPage />
    </QueryClientProvider>,
  );
  fireEvent.change(screen.getByLabelText("Token"), { target: { value: "wrong" } });
  fireEvent.click(screen.getByRole("button", { name: "Log in" }));
}

test("a wrong token is refused in sentences", async () => {
  await logIn(refusal(401, "the token is wrong", "use the value of TUNER_API_TOKEN on the server"));
  expect(await screen.findByText("The token is wrong.")).toBeTruthy();
  expect(screen.getByText("Use the value of TUNER_API_TOKEN on the server.")).toBeTruthy();
});

test("the seconds until the next try count down, and then it is offered", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const detail = "too many wrong tokens from this address";
  await logIn(refusal(429, detail, "try again in 48 s", { "retry-after": "48" }));
  const button = await screen.findByRole("button", { name: /Try again in \d+ s/ });
  const left = () => Number(/\d+/.exec(button.textContent ?? "")?.[0]);
  const before = left();
  expect(button.hasAttribute("disabled")).toBe(true);
  expect(screen.getByText("Too many wrong tokens from this address.")).toBeTruthy();
  act(() => vi.advanceTimersByTime(10_000));
  expect(left()).toBeLessThanOrEqual(before - 9);
  act(() => vi.advanceTimersByTime(40_000));
  expect(button.textContent).toBe("Log in");
  expect(button.hasAttribute("disabled")).toBe(false);
  expect(screen.queryByText(/Too many/)).toBe(null);
});

test("a login in another tab opens this page, too", async () => {
  const replace = vi.spyOn(window.location, "replace").mockImplementation(() => {});
  await logIn(refusal(401, "the token is wrong", "none"));
  await screen.findByText("The token is wrong.");
  answers.session = { login_required: true, logged_in: true };
  tellSession("logged-in");
  await waitFor(() => expect(replace).toHaveBeenCalledWith("/new"));
});
