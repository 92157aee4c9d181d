/** What a bundle and the parts that it loads have in common: who listens, and what is to be taken back. */

export interface State {
  _undoings: (() => void)[];
  _listeners: { [name: string]: ((detail: never) => void)[] };
}

export const state: State = { _undoings: [], _listeners: {} };

/** A part in; the same, once it is told the state of the bundle that loads it, out. */
export function sharing<P>(part: P): (own: State) => P {
  return (own) => {
    Object.assign(state, own);
    return part;
  };
}
