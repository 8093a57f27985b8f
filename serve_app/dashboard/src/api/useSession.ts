import { useMutation, useQuery } from "@tanstack/react-query";
import { api, ok } from "./client";
import { keys } from "./keys";
import { tellSession } from "./sessionNews";

/** Whether this server requires a login, and whether this browser has logged in. */
export function useSession(options: { refetchOnMount?: "always" } = {}) {
  return useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => ok(api.GET("/session", { signal })),
    ...options,
  });
}

export function useLogin() {
  return useMutation({
    mutationFn: (token: string) => ok(api.POST("/login", { body: { token } })),
    onSuccess: () => tellSession("logged-in"),
  });
}

export function useLogout() {
  return useMutation({ mutationFn: () => ok(api.POST("/logout")), onSuccess: () => tellSession("logged-out") });
}
