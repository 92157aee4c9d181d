/** Calls `moved` soon after anything happened that can move elements, at most ten times a second; gives a way to stop. */
import { guard } from './guard';

const REST_MS = 100;
const EVENTS = ['scroll', 'resize', 'load', 'transitionend', 'animationend', 'click', 'visibilitychange'];

export function followMoves(moved: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hear = guard(() => {
    timer ??= setTimeout(
      guard(() => {
        timer = undefined;
        moved();
      }),
      REST_MS,
    );
  });
  const mutations = new MutationObserver(hear);
  mutations.observe(document, { childList: true, subtree: true });
  for (const name of EVENTS) addEventListener(name, hear, { capture: true, passive: true });
  hear();
  return () => {
    clearTimeout(timer);
    mutations.disconnect();
    for (const name of EVENTS) removeEventListener(name, hear, true);
  };
}
