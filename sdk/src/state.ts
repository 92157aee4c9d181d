/** What a bundle and the parts that it loads have in common: who listens, and what is to be taken back. */

export interface State {
  /** Each run has a list of its own. */
  _undoings: (() => void)[];
  _listeners: { [name: string]: ((detail: never) => void)[] };
}

export let state: State = { _undoings: [], _listeners: {} };

/** A part in; the same, once it is told the state of the bundle that loads it, out. */
export function sharing<P>(part: P): (own: State) => P {
  return (own) => {
    state = own;
    return part;
  };
}
