/** The canvas of the 3D scene. The only entry to three and fiber: it is loaded when a scene is first shown. */
import { createRoot, extend, type ReconcilerRoot } from "@react-three/fiber";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { InstancedMesh } from "three";
import { SceneBoundary } from "../SceneBoundary";
import { FIELD_OF_VIEW } from "../view";
import { Scene, type SceneProps } from "./Scene";

extend({ InstancedMesh });

type Props = Omit<SceneProps, "host"> & {
  /** WebGL is absent, its context was lost, or the scene failed. */
  onUnavailable: (why: "absent" | "lost" | "failed") => void;
};

const CAMERA = { fov: (FIELD_OF_VIEW * 180) / Math.PI, near: 0.1, far: 1000 };

export default function Scene3d({ onUnavailable, ...scene }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const root = useRef<ReconcilerRoot<HTMLCanvasElement> | null>(null);
  const store = useRef<ReturnType<ReconcilerRoot<HTMLCanvasElement>["render"]> | null>(null);
  const [ready, setReady] = useState(false);
  const unavailable = useRef(onUnavailable);
  unavailable.current = onUnavailable;

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    // A canvas of its own for each mount: a context that was released cannot be used again.
    const canvas = document.createElement("canvas");
    canvas.className = "pointer-events-auto block size-full outline-none";
    canvas.setAttribute("aria-hidden", "true");
    element.prepend(canvas);
    let open = true;
    const lost = (event: Event) => {
      event.preventDefault();
      if (open) unavailable.current("lost");
    };
    canvas.addEventListener("webglcontextlost", lost);
    const fiber = createRoot(canvas);
    const size = () => ({ width: element.clientWidth, height: element.clientHeight, top: 0, left: 0 });
    fiber
      .configure({
        gl: { antialias: true },
        frameloop: "demand",
        flat: true,
        dpr: [1, 2],
        camera: CAMERA,
        size: size(),
      })
      .then(
        () => {
          if (!open) return;
          root.current = fiber;
          setReady(true);
        },
        () => open && unavailable.current("absent"),
      );
    const observer = new ResizeObserver(() => {
      const { width, height } = size();
      if (root.current && width > 0 && height > 0) store.current?.getState().setSize(width, height, 0, 0);
    });
    observer.observe(element);
    return () => {
      open = false;
      observer.disconnect();
      canvas.removeEventListener("webglcontextlost", lost);
      root.current = null;
      setReady(false);
      fiber.unmount();
      canvas.remove();
    };
  }, []);

  useLayoutEffect(() => {
    if (!ready || !host.current || !root.current) return;
    // Faults inside of fiber's tree do not reach the boundaries outside of it.
    store.current = root.current.render(
      <SceneBoundary onFault={() => unavailable.current("failed")}>
        <Scene {...scene} host={host.current} />
      </SceneBoundary>,
    );
  });

  return <div ref={host} data-drawing="3d" className="pointer-events-none absolute inset-0 overflow-hidden" />;
}
