import { lazy, Suspense, useEffect } from "react";
import { Route, Switch } from "wouter";
import { Shell } from "./pages/shell/Shell";
import { Boundary } from "./parts/Boundary";
import { Empty } from "./parts/Empty";
import { PageSkeleton } from "./parts/Skeleton";
import { followTheme } from "./state/theme";

const LoginPage = lazy(() => import("./pages/login/LoginPage"));
const StudiesPage = lazy(() => import("./pages/studies/StudiesPage"));
const NewPage = lazy(() => import("./pages/new/NewPage"));
const HistoryPage = lazy(() => import("./pages/history/HistoryPage"));
const DataPage = lazy(() => import("./pages/data/DataPage"));
const CompareStudiesPage = lazy(() => import("./pages/compare/CompareStudiesPage"));
const StudyLayout = lazy(() => import("./pages/StudyLayout"));

/** The pages. Each one is loaded when it is first opened; a fault in one leaves the shell alive. */
export function App() {
  useEffect(followTheme, []);
  return (
    <Switch>
      <Route path="/login">
        <Boundary title="Log in">
          <Suspense fallback={<PageSkeleton />}>
            <LoginPage />
          </Suspense>
        </Boundary>
      </Route>
      <Route>
        <Shell>
          <Boundary title="This page">
            <Suspense fallback={<PageSkeleton />}>
              <Switch>
                <Route path="/" component={StudiesPage} />
                <Route path="/new" component={NewPage} />
                <Route path="/history" component={HistoryPage} />
                <Route path="/data" component={DataPage} />
                <Route path="/compare" component={CompareStudiesPage} />
                <Route path="/s/:id/*?">{({ id }) => <StudyLayout key={id} id={decodeURIComponent(id)} />}</Route>
                <Route>
                  <Empty
                    page
                    title="There is no such page"
                    text="The address may be mistyped."
                    href="/"
                    action="All studies"
                  />
                </Route>
              </Switch>
            </Suspense>
          </Boundary>
        </Shell>
      </Route>
    </Switch>
  );
}
