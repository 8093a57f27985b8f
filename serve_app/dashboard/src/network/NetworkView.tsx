import {
  type KeyboardEvent,
  lazy,
  type Ref,
  Suspense,
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import { blockColours, type ColourBy, type Scale } from "./colours";
import { layoutNetwork } from "./layout";
import { layerAfterKey, viewAfterKey } from "./moves";
import { NetworkSvg } from "./NetworkSvg";
import { SceneBoundary } from "./SceneBoundary";
import type { SceneShot } from "./scene/Scene";
import type { LayerBox } from "./types";
import { useThemeColours } from "./useThemeColours";
import { FIT, type View } from "./view";
import { layerSentence, networkSentence } from "./words";

const loadScene = () => lazy(() => import("./scene/Scene3d"));

export interface NetworkHandle {
  /** Draws the 3D scene at once; null in the flat drawing. */
  shot: () => SceneShot | null;
}

export interface NetworkViewProps {
  layers: readonly LayerBox[];
  mode: "3d" | "svg";
  colorBy: ColourBy;
  /** Total score of the trial, in [0, 1]. */
  score: number | null;
  /** Health of layers by their names, if the layers do not say it. */
  health?: Readonly<Record<string, number | null>>;
  /** Number of the selected layer, from 0. */
  selected: number | null;
  onSelect: (layer: number | null) => void;
  /** Without labels and controls. */
  compact?: boolean;
  /** When it changes, the shown network becomes the new one in motion. */
  morphKey?: string | number | null;
  /** Whether data flow through the 3D scene while somebody acts on it. */
  flow?: boolean;
  scale?: Scale;
  fold?: boolean;
  view?: View;
  /** Without it, the whole network is shown and nothing moves it. */
  onView?: (view: View) => void;
  /** What is drawn, for a screen reader: "Network of trial 17". */
  title?: string;
  handle?: Ref<NetworkHandle>;
  /** Is told whether the drawing can be turned: the flat one, also where it stands for 3D, cannot. */
  onTurns?: (turns: boolean) => void;
}

/** A network in 3D or flat, with one selection and one camera for both. Fills its parent, which has a height. */
export default function NetworkView(props: NetworkViewProps) {
  const { layers, mode, colorBy, score, health, selected, onSelect, compact = false, morphKey = null } = props;
  const { scale = "usual", fold = true, view = FIT, onView, title = "Network", flow = false, handle, onTurns } = props;
  const known = useMemo(
    () =>
      health === undefined
        ? layers
        : layers.map((layer) => ({ ...layer, health: health[layer.layer_id ?? ""] ?? null })),
    [layers, health],
  );
  const layout = useMemo(() => layoutNetwork(known, { fold }), [known, fold]);
  const colours = useMemo(() => blockColours(layout, colorBy, scale, score), [layout, colorBy, scale, score]);
  const theme = useThemeColours();
  const [unavailable, setUnavailable] = useState<Unavailable | null>(null);
  const [Scene3d, setScene3d] = useState(loadScene);
  const retry = () => {
    // A module that failed to load is asked for again only by a new component.
    if (unavailable === "failed") setScene3d(loadScene);
    setUnavailable(null);
  };
  const shot = useRef<(() => SceneShot) | null>(null);
  const onShot = useCallback((next: (() => SceneShot) | null) => {
    shot.current = next;
  }, []);
  useImperativeHandle(handle, () => ({ shot: () => shot.current?.() ?? null }), []);

  const block = selected === null ? undefined : layout.blocks.find(({ members }) => members.includes(selected));
  const onPick = (key: string | null) => onSelect(layout.blocks.find((found) => found.key === key)?.members[0] ?? null);
  const onKeyDown = (event: KeyboardEvent) => {
    const moved = onView ? viewAfterKey(view, event) : null;
    const next = layerAfterKey(selected, layers.length, event);
    if (moved === null && next === undefined) return;
    event.preventDefault();
    if (moved !== null) onView?.(moved);
    else if (next !== undefined) onSelect(next);
  };

  const movable = !compact && onView !== undefined;
  const drawn = {
    layout,
    colours,
    view,
    onView: onView ?? ignore,
    selected: block?.key ?? null,
    onPick,
    compact,
    movable,
  };
  const flat = <NetworkSvg {...drawn} />;
  const solid = mode === "3d" && unavailable === null;
  useEffect(() => onTurns?.(solid), [solid, onTurns]);
  const sentence = `${title}. ${networkSentence(layout)}`;
  const chosen = selected === null ? undefined : layers[selected];
  const access = compact
    ? { role: "img", "aria-label": sentence }
    : { role: "application", "aria-label": `${sentence} Arrow keys select a layer.`, tabIndex: 0, onKeyDown };
  return (
    <div
      {...access}
      className="focus-ring absolute inset-0"
      data-network={solid ? "3d" : "svg"}
      data-unavailable={unavailable ?? undefined}
    >
      {solid ? (
        <SceneBoundary onFault={() => setUnavailable("failed")}>
          <Suspense fallback={flat}>
            <Scene3d
              {...drawn}
              theme={theme}
              morphKey={morphKey}
              flow={flow && !compact}
              onShot={onShot}
              onUnavailable={setUnavailable}
            />
          </Suspense>
        </SceneBoundary>
      ) : (
        flat
      )}
      {mode === "3d" && unavailable !== null && !compact && <Notice why={unavailable} onRetry={retry} />}
      {!compact && (
        <p aria-live="polite" className="sr-only">
          {chosen && selected !== null ? layerSentence(chosen, selected, layers.length) : ""}
        </p>
      )}
    </div>
  );
}

type Unavailable = "absent" | "lost" | "failed";

const WHY: Record<Unavailable, string> = {
  absent: "This browser has no WebGL, so the network is drawn flat.",
  lost: "The browser took the graphics memory away, so the network is drawn flat.",
  failed: "The 3D scene cannot be shown, so the network is drawn flat.",
};

function Notice({ why, onRetry }: { why: Unavailable; onRetry: () => void }) {
  return (
    <p role="status" className="absolute inset-x-3 top-3 rounded-button bg-warn-soft px-3 py-2 text-[12px] text-warn">
      {WHY[why]}{" "}
      <button type="button" className="focus-ring font-medium underline" onClick={onRetry}>
        Try 3D again
      </button>
    </p>
  );
}

const ignore = (): void => {};
