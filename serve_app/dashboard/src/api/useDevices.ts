import { useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";

/** The devices of the Ray cluster. A visit of the page asks again: nodes come and go. */
export function useDevices() {
  return useQuery({
    queryKey: keys.devices,
    queryFn: ({ signal }) => ok(api.GET("/devices", { signal })),
    staleTime: 30_000,
  });
}
