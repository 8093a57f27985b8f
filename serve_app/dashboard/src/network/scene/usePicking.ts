import { useThree } from "@react-three/fiber";
import { type RefObject, useEffect, useRef } from "react";
import { Vector2 } from "three";

/** Pixels that a pointer may move during a click. */
const CLICK = 5;

/** Tells which block is clicked. Returns the key of the block under the pointer, which changes without a new render. */
export function usePicking(
  enabled: boolean,
  onPick: RefObject<(key: string | null) => void>,
): RefObject<string | null> {
  const { gl, camera, scene, raycaster, invalidate } = useThree();
  const hovered = useRef<string | null>(null);
  useEffect(() => {
    if (!enabled) return;
    const canvas = gl.domElement;
    const pointer = new Vector2();
    let pressed: PointerEvent | null = null;
    const blockAt = (event: PointerEvent): string | null => {
      const box = canvas.getBoundingClientRect();
      const [across, down] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      raycaster.setFromCamera(pointer.set(across * 2 - 1, 1 - down * 2), camera);
      const keys = raycaster
        .intersectObjects(scene.children, true)
        .map((hit) => (hit.object.userData.keys as string[] | undefined)?.[hit.instanceId ?? -1]);
      // Lines and frames have a space in their keys.
      return keys.find((key) => key !== undefined && !key.includes(" ")) ?? null;
    };
    const hover = (event: PointerEvent) => {
      const found = event.type === "pointerleave" || event.buttons !== 0 ? null : blockAt(event);
      if (found === hovered.current) return;
      hovered.current = found;
      canvas.style.cursor = found === null ? "grab" : "pointer";
      invalidate();
    };
    const listeners: Record<string, (event: PointerEvent) => void> = {
      pointerdown: (event) => {
        pressed = event.button === 0 ? event : null;
      },
      pointerup: (event) => {
        const clicked = pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) < CLICK;
        pressed = null;
        if (clicked) onPick.current(blockAt(event));
      },
      pointermove: hover,
      pointerleave: hover,
    };
    const all = Object.entries(listeners) as [string, EventListener][];
    for (const [name, listener] of all) canvas.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of all) canvas.removeEventListener(name, listener);
    };
  }, [enabled, onPick, gl, camera, scene, raycaster, invalidate]);
  return hovered;
}
