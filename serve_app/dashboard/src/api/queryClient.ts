import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

/** Nothing polls: an answer stays until a durable event of the live feed makes it outdated. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
      retryDelay: (attempt) => Math.min(8_000, 1_000 * 2 ** attempt),
    },
    mutations: { retry: false },
  },
});
