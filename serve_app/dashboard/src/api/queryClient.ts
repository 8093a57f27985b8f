import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

/**
 * Nothing polls: an answer stays until a durable event of the live feed makes it outdated. Requests are sent also while
 * the browser is offline: the server may be on the same machine, and a request that waits would look like a slow one.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always",
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
      retryDelay: (attempt) => Math.min(8_000, 1_000 * 2 ** attempt),
    },
    mutations: { networkMode: "always", retry: false },
  },
});

/**
 * Drops the requests that have no answer yet and sends them again; `refetch` would wait for the same answers. Says
 * whether there are any.
 */
export function askAgain(): boolean {
  const cache = queryClient.getQueryCache();
  const waiting = cache.findAll({ fetchStatus: "fetching", predicate: ({ state }) => state.status === "pending" });
  for (const query of waiting) {
    void query.cancel({ silent: true });
    query.fetch().catch(() => {}); // the page reads the error from the query
  }
  return waiting.length > 0;
}
