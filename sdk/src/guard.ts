/** The SDK's one boundary: a function in, the same function out, except that it never throws into the page. */
import { state } from './state';

export function contain<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      fn(...args);
    } catch (error) {
      console.warn('eyeshot:', error);
    }
  };
}

/**
 * The same, for everything the browser calls (listeners, observers, timers, promises): when the SDK was stopped meanwhile,
 * it does nothing. So what comes late, after consent was taken back, comes to nobody.
 */
export function guard<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void {
  const run = state._undoings;
  return contain((...args: A) => {
    if (run === state._undoings) fn(...args);
  });
}
