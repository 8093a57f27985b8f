import { describe, expect, it } from "vitest";
import { connectionWords } from "./connection";

describe("the connection pill", () => {
  it("counts down to the next attempt", () => {
    expect(connectionWords({ kind: "reconnecting", retryAt: 4_200, since: 0 }, 1_000).text).toBe("Reconnecting in 4 s");
    expect(connectionWords({ kind: "reconnecting", retryAt: 4_200, since: 0 }, 9_000).text).toBe("Reconnecting");
  });

  it("dates stale data", () => {
    const since = new Date(2026, 10, 29, 14, 2).getTime();
    expect(connectionWords({ kind: "stale", since }, since + 60_000).text).toBe("Stale since 14:02");
    expect(connectionWords({ kind: "stale" }, 0).text).toBe("Stale");
  });

  it("has words for every state", () => {
    for (const kind of ["connecting", "live", "login", "outdated", "gone"] as const) {
      expect(connectionWords({ kind }, 0).text).not.toBe("");
    }
  });
});
