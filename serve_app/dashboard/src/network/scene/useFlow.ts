import { useThree } from "@react-three/fiber";
import { useEffect, useRef, useState } from "react";
import { FlowClock, FRAME_MS } from "../flow";
import { reducedMotion } from "../reducedMotion";

export interface Flow {
  flows: (nowMs: number) => boolean;
  /** Draw once more, FRAME_MS from now. */
  nextFrame: (draw: () => void) => void;
}

/**
 * Whether data flow through the scene. They begin with a motion of the pointer over it and with a change of `shown`, and
 * end some seconds after the last one, so that a still scene draws no frame.
 */
export function useFlow(wanted: boolean, shown: readonly unknown[]): Flow {
  const { gl, invalidate } = useThree();
  const [clock] = useState(() => new FlowClock());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [flow] = useState<Flow>(() => ({
    flows: (nowMs) => clock.flows(nowMs),
    nextFrame: (draw) => {
      clearTimeout(timer.current);
      timer.current = setTimeout(draw, FRAME_MS);
    },
  }));
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    clock.allow(wanted && !reducedMotion(), performance.now());
    invalidate();
  }, [clock, wanted, invalidate]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is shown anew counts as an action
  useEffect(() => clock.act(performance.now()), shown);
  useEffect(() => {
    if (!wanted) return;
    const canvas = gl.domElement;
    const act = () => {
      clock.act(performance.now());
      invalidate();
    };
    const names = ["pointermove", "pointerdown", "wheel"] as const;
    for (const name of names) canvas.addEventListener(name, act, { passive: true });
    return () => {
      for (const name of names) canvas.removeEventListener(name, act);
    };
  }, [clock, gl, wanted, invalidate]);
  return flow;
}
