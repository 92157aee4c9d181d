/** What is in files of its own, and loaded only where it is needed. */
import type { acceptWidgets } from './acceptWidgets';
import type { ObserverClass } from './observe';
import type { reportEvents } from './reportEvents';
import type { State } from './state';

/** What a part's file holds: the part, for a bundle that tells its state. */
export type Shared<N extends keyof Parts> = (own: State) => Parts[N];

export interface Parts {
  /** Measures on scroll where the browser has no IntersectionObserver. */
  fallback: ObserverClass & { told?(visible: readonly number[]): void };
  /** What a page needs to let widgets join. */
  frames: typeof acceptWidgets;
  /** What a widget needs to send by itself, where no page answers. */
  alone: typeof reportEvents;
}
