import { type FormEvent, useEffect, useState } from "react";
import { ApiError } from "../../api/client";
import { onSessionNews } from "../../api/sessionNews";
import { useLogin, useSession } from "../../api/useSession";
import { Button } from "../../parts/Button";
import { ErrorNote } from "../../parts/ErrorNote";
import { Field, inputClass } from "../../parts/Field";
import { codecs, useParam } from "../../state/url";
import { useNow } from "../../state/useNow";

const nextCodec = codecs.text("/");

/** A page of this application only: never another site. */
export function safeNext(next: string): string {
  return /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : "/";
}

export default function LoginPage() {
  const [next] = useParam("next", nextCodec);
  const session = useSession({ refetchOnMount: "always" });
  const login = useLogin();
  const [token, setToken] = useState("");
  const { data, isFetching } = session;
  const needless = data !== undefined && !isFetching && (!data.login_required || data.logged_in);
  useEffect(() => {
    // A full load, as after a login: the worker connects anew, with the cookie.
    if (needless) window.location.replace(safeNext(next));
  }, [needless, next]);
  const refetch = session.refetch;
  useEffect(() => onSessionNews((news) => news === "logged-in" && void refetch()), [refetch]);
  const leftS = useSecondsLeft(login.error, login.submittedAt);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate(token.trim(), { onSuccess: () => window.location.assign(safeNext(next)) });
  };
  return (
    <main data-page="login" className="grid min-h-dvh place-items-center p-4">
      <form onSubmit={submit} className="panel flex w-full max-w-96 flex-col gap-4 p-6">
        <div className="flex items-center gap-3">
          <img src="/icon.svg" alt="" width={32} height={32} />
          <h1>Log in to Tuner</h1>
        </div>
        <Field label="Token" hint="The value of TUNER_API_TOKEN on the server.">
          {(ids) => (
            <input
              {...ids}
              // biome-ignore lint/a11y/noAutofocus: the page has one field
              autoFocus
              type="password"
              name="token"
              autoComplete="current-password"
              required
              value={token}
              onChange={(event) => setToken(event.target.value)}
              className={inputClass}
            />
          )}
        </Field>
        {login.isError && <LoginError error={login.error} waits={leftS > 0} />}
        {session.isError && <ErrorNote error={session.error} retry={() => void session.refetch()} />}
        <Button type="submit" kind="primary" busy={login.isPending} disabled={token.trim() === "" || leftS > 0}>
          {leftS > 0 ? `Try again in ${leftS} s` : "Log in"}
        </Button>
      </form>
    </main>
  );
}

/** The seconds until the server takes another token; 0: it takes one now. */
function useSecondsLeft(error: Error | null, sinceMs: number): number {
  const retryAfterS = error instanceof ApiError && error.status === 429 ? (error.retryAfterS ?? 0) : 0;
  const now = useNow(500, retryAfterS > 0);
  return retryAfterS === 0 ? 0 : Math.max(0, Math.ceil(sinceMs / 1000 + retryAfterS - now / 1000));
}

/** Why the token was not taken. The seconds that are left count down on the button, so the message names none. */
function LoginError({ error, waits }: { error: Error; waits: boolean }) {
  if (!(error instanceof ApiError) || error.status !== 429) return <ErrorNote error={error} />;
  return waits ? <ErrorNote error={new ApiError(error.status, error.detail)} /> : null;
}
