import { LogOut as Icon } from "lucide-react";
import { useLogout, useSession } from "../../api/useSession";
import { Button } from "../../parts/Button";

/** Ends the login; only shown where the server requires one. */
export function LogOut() {
  const session = useSession();
  const logout = useLogout();
  if (session.data?.login_required !== true) return null;
  // A full load of the login page also ends the worker and its socket.
  const run = () => logout.mutate(undefined, { onSuccess: () => window.location.assign("/login") });
  return (
    <Button kind="ghost" size="small" busy={logout.isPending} onClick={run} className="!justify-start">
      <Icon aria-hidden="true" className="size-4" />
      {logout.isError ? "Log out (failed, try again)" : "Log out"}
    </Button>
  );
}
