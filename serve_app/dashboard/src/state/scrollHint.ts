/**
 * The `ref` of a part that scrolls sideways: it has `data-more` while there is more to see at its right, and the class
 * `scroll-hint` then fades its right edge.
 */
export function scrollHint(element: HTMLElement | null): (() => void) | undefined {
  if (element === null) return undefined;
  const mark = () => {
    const left = element.scrollWidth - element.clientWidth - element.scrollLeft;
    element.toggleAttribute("data-more", left > 1);
  };
  const sizes = new ResizeObserver(mark);
  sizes.observe(element);
  for (const child of element.children) sizes.observe(child);
  element.addEventListener("scroll", mark, { passive: true });
  mark();
  return () => {
    sizes.disconnect();
    element.removeEventListener("scroll", mark);
  };
}
