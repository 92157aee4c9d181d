/**
 * The SDK's one boundary: a function in, the same function out, except that it never throws into the page.
 * Everything the browser calls (listeners, observers, timers, promises, the API) goes through here.
 */
export function guard<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      fn(...args);
    } catch (error) {
      console.warn('eyeshot:', error);
    }
  };
}
