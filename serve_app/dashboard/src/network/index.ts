import { lazy } from "react";

export { layoutNetwork } from "./layout";
export type { NetworkHandle, NetworkViewProps } from "./NetworkView";
export { Silhouette } from "./Silhouette";
export type { LayerBox, NetworkLayout } from "./types";
export const NetworkView = lazy(() => import("./NetworkView"));
