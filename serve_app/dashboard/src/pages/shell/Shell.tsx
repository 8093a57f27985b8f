import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { whenLoggedOut } from "../../api/client";
import { onSessionNews } from "../../api/sessionNews";
import { startFeed } from "../../live/feed";
import { useConnection } from "../../live/store";
import { BottomBar } from "./BottomBar";
import { Sidebar } from "./Sidebar";
import { StaleNote } from "./StaleNote";
import { TopBar } from "./TopBar";
import { useSearchKey } from "./useSearchKey";

const Search = lazy(() => import("./Search"));

/** What surrounds every page: the studies at the left, or a bottom bar on a phone, and the state of the connection. */
export function Shell({ children }: { children: ReactNode }) {
  const [searching, setSearching] = useState(false);
  const openSearch = () => setSearching(true);
  useSearchKey(openSearch);
  useFeed();
  return (
    <div className="md:grid md:min-h-dvh md:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="focus-ring sr-only z-50 rounded-button bg-raised px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <Sidebar onSearch={openSearch} />
      <div className="flex min-w-0 flex-col pb-16 md:pb-0">
        <TopBar onSearch={openSearch} />
        <StaleNote />
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 focus:outline-none">
          {children}
        </main>
      </div>
      <BottomBar onSearch={openSearch} />
      {searching && (
        <Suspense fallback={null}>
          <Search onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** Connects to the feed, and leads to the login where the server asks for it. */
function useFeed() {
  const [, navigate] = useLocation();
  const { kind } = useConnection();
  useEffect(() => {
    const login = () => {
      if (window.location.pathname !== "/login") navigate(`/login?next=${address()}`, { replace: true });
    };
    whenLoggedOut(login);
    if (kind === "login") login();
  }, [kind, navigate]);
  // Another page of this browser has logged out. A full load of the login page also ends the worker and its socket.
  useEffect(
    () => onSessionNews((news) => news === "logged-out" && window.location.assign(`/login?next=${address()}`)),
    [],
  );
  useEffect(startFeed, []);
}

/** The address of this page as the value of a parameter. */
function address(): string {
  return encodeURIComponent(window.location.pathname + window.location.search);
}
