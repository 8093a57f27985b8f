import { useFrame, useThree } from "@react-three/fiber";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { PerspectiveCamera } from "three";
import { markInstances } from "../changeMarks";
import { flowInstances } from "../flow";
import { blockInstances, frameInstances, linkInstances } from "../instances";
import { networkLabels, type PlacedLabel } from "../labels";
import { reducedMotion } from "../reducedMotion";
import { type NetworkLayout, SHAPES } from "../types";
import type { ThemeColours } from "../useThemeColours";
import type { View } from "../view";
import { CameraControls } from "./cameraControls";
import { solids } from "./geometries";
import { LabelElements } from "./labelElements";
import { capacity, type Meshes, writeMeshes } from "./meshes";
import { sceneExtents } from "./projection";
import { Stage } from "./stage";
import { useFlow } from "./useFlow";
import { usePicking } from "./usePicking";

/** The scene for a picture: draw it now, and take it before the browser shows it. */
export interface SceneShot {
  canvas: HTMLCanvasElement;
  labels: readonly PlacedLabel[];
  width: number;
  height: number;
}

export interface SceneProps {
  layout: NetworkLayout;
  /** The colour of each block, by its key. */
  colours: ReadonlyMap<string, string>;
  theme: ThemeColours;
  view: View;
  onView: (view: View) => void;
  /** Key of the selected block. */
  selected: string | null;
  onPick: (key: string | null) => void;
  compact: boolean;
  /** Whether mouse and touch move the camera. */
  movable: boolean;
  /** A change of it lets the shown network become the new one. */
  morphKey: string | number | null;
  /** Whether data flow through the network while somebody looks at it. */
  flow: boolean;
  /** Gets a function that draws the scene at once. */
  onShot: (shot: (() => SceneShot) | null) => void;
  /** Element of the labels, and of the counters that tests read. */
  host: HTMLElement;
}

/** Everything in the canvas. A frame is drawn only when something changed, and sets no state. */
export function Scene(props: SceneProps) {
  const { layout, colours, theme, selected, view, morphKey, compact, movable, flow, host, onShot } = props;
  const { gl, invalidate, scene } = useThree();
  const camera = useThree((state) => state.camera) as PerspectiveCamera;
  const { width, height } = useThree((state) => state.size);
  const [stage] = useState(() => new Stage());
  const [labels] = useState(() => new LabelElements(host));
  const made = useMemo(solids, []);
  const meshes = useRef<Meshes>({});
  const stale = useRef(true);
  const placed = useRef<readonly PlacedLabel[]>([]);
  const onView = useRef(props.onView);
  onView.current = props.onView;
  const onPick = useRef(props.onPick);
  onPick.current = props.onPick;
  const hovered = usePicking(!compact, onPick);

  const controls = useMemo(
    () =>
      new CameraControls(camera, movable ? gl.domElement : null, (moved) => {
        invalidate();
        onView.current(moved);
      }),
    [camera, gl, movable, invalidate],
  );
  useEffect(() => () => controls.dispose(), [controls]);
  useEffect(() => () => made.dispose(), [made]);
  const clock = useFlow(flow, [layout, colours, theme, selected, view, width, height]);
  useEffect(() => {
    onShot(() => {
      writeMeshes(meshes.current, stage.instances());
      gl.render(scene, camera);
      return { canvas: gl.domElement, labels: placed.current, width, height };
    });
    return () => onShot(null);
  }, [onShot, gl, scene, camera, stage, width, height]);

  const before = useRef<{ layout: NetworkLayout; morphKey: SceneProps["morphKey"] } | null>(null);
  useLayoutEffect(() => {
    const old = before.current;
    const move = old !== null && old.layout !== layout && old.morphKey !== morphKey && !reducedMotion();
    before.current = { layout, morphKey };
    const block = layout.blocks.find(({ key }) => key === selected);
    const moving = [...blockInstances(layout, colours), ...linkInstances(layout.links, theme.line)];
    const still = [...frameInstances(block, theme.accent), ...markInstances(layout.blocks, theme.text)];
    stage.show(moving, layout.bounds, still, move);
    stale.current = true;
    invalidate();
  }, [layout, colours, theme, selected, morphKey, stage, invalidate]);
  useLayoutEffect(() => {
    controls.set(view, stage.moving ? stage.bounds : layout.bounds, width / Math.max(1, height));
    invalidate();
  }, [controls, view, stage, layout, width, height, invalidate]);

  // With a priority above 0 this callback renders instead of fiber, so that it can count.
  useFrame(() => {
    const now = performance.now();
    const moves = stage.advance(now);
    if (moves) controls.set(view, stage.bounds, width / Math.max(1, height), true);
    const flows = !stage.moving && clock.flows(now);
    if (moves || flows || stale.current) {
      const shown = stage.instances();
      if (flows) shown.sphere.push(...flowInstances(layout.links, layout.bounds, now, theme.accent));
      writeMeshes(meshes.current, shown);
    }
    // The picture after the last one with balls has none.
    stale.current = flows;
    host.dataset.flow = flows ? "on" : "off";
    gl.render(scene, camera);
    const picture = { width, height, emphasised: [selected, hovered.current] };
    placed.current =
      compact || stage.moving ? [] : networkLabels(layout, sceneExtents(layout, camera, width, height), picture);
    labels.show(placed.current);
    host.dataset.frames = String(Number(host.dataset.frames ?? 0) + 1);
    host.dataset.drawCalls = String(gl.info.render.calls);
    if (stage.moving) invalidate();
    else if (flows) clock.nextFrame(invalidate);
  }, 1);

  // Room for two networks, since one moves into the other, with a sign of two bars for each layer.
  const room = capacity(2 * (3 * layout.blocks.length + 5 * layout.links.length) + 12);
  return SHAPES.map((shape) => (
    <instancedMesh
      key={`${shape} ${room}`}
      ref={(mesh) => {
        meshes.current[shape] = mesh;
      }}
      args={[made.geometries[shape], made.material, room]}
      frustumCulled={false}
    />
  ));
}
