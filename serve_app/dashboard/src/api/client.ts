/**
 * The one client of the HTTP API. Requests carry the session's cookie; a problem document (RFC 9457) of the server
 * becomes an `ApiError` with the cause, the remedy and the invalid fields.
 */
import createClient from "openapi-fetch";
import type { paths } from "./generated/openapi";

export const api = createClient<paths>({
  baseUrl: typeof window === "undefined" ? "http://127.0.0.1" : window.location.origin,
  credentials: "same-origin",
  headers: { Accept: "application/json" },
});

export interface FieldError {
  field: string;
  message: string;
  place: string;
}

export class ApiError extends Error {
  readonly status: number;
  readonly detail: string;
  readonly remedy: string | null;
  readonly errors: readonly FieldError[];
  /** Seconds after which the request may be sent again, if the server named them. */
  readonly retryAfterS: number | null;

  constructor(
    status: number,
    detail: string,
    remedy: string | null = null,
    errors: readonly FieldError[] = [],
    retryAfterS: number | null = null,
  ) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.detail = detail;
    this.remedy = remedy;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
  }
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** The error that a problem document describes. Anything else that a proxy may answer gets a plain sentence. */
export function apiError(problem: unknown, status: number, headers?: Headers): ApiError {
  const fields = typeof problem === "object" && problem !== null ? (problem as Record<string, unknown>) : {};
  const errors = Array.isArray(fields.errors) ? fields.errors : [];
  const retryAfter = Number(headers?.get("retry-after") ?? Number.NaN);
  return new ApiError(
    status,
    textOf(fields.detail) ?? textOf(fields.title) ?? `The server answered with the status ${status}.`,
    textOf(fields.remedy),
    errors.map((entry: Record<string, unknown>) => ({
      field: textOf(entry.field) ?? "",
      message: textOf(entry.message) ?? "",
      place: textOf(entry.place) ?? "body",
    })),
    Number.isFinite(retryAfter) ? retryAfter : null,
  );
}

/** The body of a successful answer; otherwise throws an `ApiError`. A 401 leads to the login page. */
export async function ok<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer: { data?: T; error?: unknown; response: Response };
  try {
    answer = await call;
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new ApiError(0, "The server does not answer.", "Check that `tuner serve` is running, then try again.");
  }
  if (answer.response.ok) return answer.data as T;
  const error = apiError(answer.error, answer.response.status, answer.response.headers);
  if (error.status === 401) onLoggedOut();
  throw error;
}

let onLoggedOut: () => void = () => {};

/** What happens when the server asks for a login; the shell sets it. */
export function whenLoggedOut(action: () => void): void {
  onLoggedOut = action;
}
