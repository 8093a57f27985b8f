import { lazy } from "react";
import { Route, Switch } from "wouter";

const LivePage = lazy(() => import("./live/LivePage"));
const TrialsPage = lazy(() => import("./trials/TrialsPage"));
const NetworkPage = lazy(() => import("./network/NetworkPage"));
const LogPage = lazy(() => import("./log/LogPage"));

/** The head of a study and its tabs. */
export default function StudyLayout({ id }: { id: string }) {
  return (
    <Switch>
      <Route path="/s/:id">
        <LivePage id={id} />
      </Route>
      <Route path="/s/:id/trials">
        <TrialsPage id={id} />
      </Route>
      <Route path="/s/:id/network">
        <NetworkPage id={id} />
      </Route>
      <Route path="/s/:id/log">
        <LogPage id={id} />
      </Route>
    </Switch>
  );
}
