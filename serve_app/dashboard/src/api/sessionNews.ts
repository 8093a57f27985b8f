/** What the pages of one browser tell each other about their login: they share its cookie. */
export type SessionNews = "logged-in" | "logged-out";

const CHANNEL = "tuner-session";

export function tellSession(news: SessionNews): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(news);
  channel.close();
}

/** Calls `act` when another page of this browser has logged in or out. Returns what ends that. */
export function onSessionNews(act: (news: SessionNews) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event: MessageEvent<SessionNews>) => act(event.data);
  return () => channel.close();
}
