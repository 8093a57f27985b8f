import { lazy } from "react";

export { layoutNetwork } from "./layout";
export { Silhouette } from "./Silhouette";
export type { LayerBox, NetworkLayout } from "./types";
export type { NetworkHandle, NetworkViewProps } from "./NetworkView";
export const NetworkView = lazy(() => import("./NetworkView"));
