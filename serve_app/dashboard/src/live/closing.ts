/**
 * What to do after the server closed the socket. The codes are those of serve_app/feed/feed.md; any other one (1006,
 * 1011, …) is an accident.
 */
export type AfterClose =
  /** Connect again with the last cursors, after a growing delay. */
  | { kind: "retry"; leastDelayMs: number }
  /** Forget the cursors and connect again: the server did not understand them. */
  | { kind: "restart" }
  | { kind: "login" }
  | { kind: "gone" }
  | { kind: "outdated" };

export function afterClose(code: number): AfterClose {
  switch (code) {
    case 1013: // too many clients: a short delay would only add to them
      return { kind: "retry", leastDelayMs: 5_000 };
    case 4400:
      return { kind: "restart" };
    case 4401:
    case 1008:
      return { kind: "login" };
    case 4404:
      return { kind: "gone" };
    case 4406:
      return { kind: "outdated" };
    default:
      return { kind: "retry", leastDelayMs: 0 };
  }
}

const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;

/**
 * The delay before an attempt, from 1 s, doubled by each failure up to 15 s. The jitter of up to a half keeps the clients
 * of a restarted server apart.
 *
 * @param failures Failed attempts in a row, from 1.
 * @param random A number in [0, 1).
 */
export function retryDelayMs(failures: number, random: number, leastMs = 0): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(10, Math.max(0, failures - 1)));
  return Math.max(leastMs, FIRST_MS, full * (0.5 + random / 2));
}
