/** How a curve looks while no other one is emphasised: the same on the page and in a saved picture. */
import type { CurveSeries } from "./types";

export const DASHES = [5, 4] as const;
export const LEVEL_DASHES = [2, 3] as const;

export interface CurveLook {
  opacity: number;
  width: number;
  /** Radius of the disc at its last point; null: it has none. */
  end: number | null;
}

export function curveLook({ points, faded = false, strong = false }: CurveSeries): CurveLook {
  const single = points.length === 1;
  return {
    opacity: faded ? 0.6 : strong ? 1 : 0.8,
    width: strong ? 2.5 : 1.5,
    end: single ? (strong ? 5 : 3) : faded && points.length > 0 ? 2.5 : null,
  };
}
