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
