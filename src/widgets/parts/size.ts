export interface Sized {
  /** Has it told of once it has a size, though it be the one of before. */
  again(): void;
  end(): void;
}

/**
 * Calls `run` when an element has another size, and when it comes into sight: what was painted for another size while it was out of the
 * page, or out of sight, is painted as it is now.
 *
 * JupyterLab takes cells out of the page while they are scrolled away, and may put one back within the frame: its size is then the one that
 * was told last, and what was to be painted in between had none. So who finds no size asks for it `again`.
 */
export function onSize(area: HTMLElement, run: () => void): Sized {
  const observer = new ResizeObserver(run);
  observer.observe(area);
  const sight = new IntersectionObserver((entries) => {
    if (entries.at(-1)?.isIntersecting) run();
  });
  sight.observe(area);
  return {
    again() {
      // Laid out without room is a size, too, of which it was told.
      if (area.clientWidth + area.clientHeight > 0) return;
      observer.unobserve(area);
      observer.observe(area);
    },
    end() {
      observer.disconnect();
      sight.disconnect();
    },
  };
}
