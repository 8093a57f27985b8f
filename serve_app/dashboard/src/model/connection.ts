/** What the pill says about the connection. */
import type { Connection } from "../live/types";

export interface ConnectionWords {
  tone: "good" | "warn" | "bad" | "muted";
  text: string;
  /** What it means and what a click does. */
  meaning: string;
}

const clock = (ms: number) => new Date(ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

export function connectionWords(connection: Connection, nowMs: number): ConnectionWords {
  const seconds = Math.ceil(((connection.retryAt ?? nowMs) - nowMs) / 1000);
  const again = "Click to connect now.";
  switch (connection.kind) {
    case "live":
      return { tone: "good", text: "Connected", meaning: "Everything on the page is up to date." };
    case "connecting":
      return { tone: "muted", text: "Connecting", meaning: "The page connects to the server." };
    case "reconnecting": {
      const text = seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting";
      return { tone: "warn", text, meaning: `The connection was lost a moment ago. ${again}` };
    }
    case "stale": {
      const text = connection.since === undefined ? "Stale" : `Stale since ${clock(connection.since)}`;
      const next = seconds > 0 ? ` The next attempt is in ${seconds} s.` : "";
      return {
        tone: "bad",
        text,
        meaning: `The server does not answer. The page shows what it knew then.${next} ${again}`,
      };
    }
    case "login":
      return { tone: "bad", text: "Log in again", meaning: "The login has ended. Click to log in." };
    case "outdated":
      return { tone: "bad", text: "Reload the page", meaning: "The server was updated. Click to load the new page." };
    case "gone":
      return { tone: "bad", text: "Gone", meaning: "The study was deleted." };
  }
}
