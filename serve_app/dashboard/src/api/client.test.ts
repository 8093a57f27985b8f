import { afterEach, expect, test, vi } from "vitest";
import { ApiError, apiError, ok, whenLoggedOut } from "./client";

const answer = (status: number, error: unknown, headers: Record<string, string> = {}) =>
  Promise.resolve({ error, response: new Response(null, { status, headers }) });

const failure = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail("the call should fail"),
    (error: ApiError) => error,
  );

afterEach(() => whenLoggedOut(() => {}));

test("a successful answer is its body, also an empty one", async () => {
  expect(await ok(Promise.resolve({ data: { id: "digits" }, response: new Response() }))).toEqual({ id: "digits" });
  expect(await ok(Promise.resolve({ response: new Response(null, { status: 204 }) }))).toBe(undefined);
});

test("a problem document becomes an error with the cause, the remedy and the fields", async () => {
  const problem = {
    detail: "trials: must be a valid integer",
    remedy: "write a number",
    errors: [{ field: "trials", message: "must be a valid integer", place: "body" }],
  };
  const error = await failure(ok(answer(422, problem)));
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 422,
    message: problem.detail,
    remedy: "write a number",
    errors: problem.errors,
  });
});

test("whatever else a proxy answers is a plain sentence", () => {
  for (const body of ["<html>Bad gateway</html>", null, undefined, 7, { errors: "?" }]) {
    expect(apiError(body, 502)).toMatchObject({ message: "The server answered with the status 502.", errors: [] });
  }
  expect(apiError({ title: "Not Found" }, 404).message).toBe("Not Found");
});

test("the time after which to try again is known only if the server names it", async () => {
  expect((await failure(ok(answer(429, {}, { "retry-after": "7" })))).retryAfterS).toBe(7);
  expect((await failure(ok(answer(429, {})))).retryAfterS).toBe(null);
});

test("a server that does not answer is told apart from a request that was taken back", async () => {
  const error = await failure(ok(Promise.reject(new TypeError("fetch failed"))));
  expect(error).toMatchObject({ status: 0, message: "The server does not answer." });
  const taken = new DOMException("aborted", "AbortError");
  expect(await failure(ok(Promise.reject(taken)))).toBe(taken);
});

test("401 leads to the login, other refusals do not", async () => {
  const login = vi.fn();
  whenLoggedOut(login);
  await failure(ok(answer(403, {})));
  expect(login).not.toHaveBeenCalled();
  await failure(ok(answer(401, {})));
  expect(login).toHaveBeenCalledOnce();
});
