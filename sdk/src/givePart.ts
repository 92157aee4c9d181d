/** A part in; puts it where the script that asked for it looks. As a module it is imported, and this is not needed. */
import type { Parts, Shared } from './parts';
import { sharing } from './state';

declare const ESM: boolean;

export function givePart<N extends keyof Parts>(name: N, part: Parts[N]): Shared<N> {
  const shared: Shared<N> = sharing(part);
  if (!ESM) (window as unknown as { eyeshot: { parts: { [P in keyof Parts]?: unknown } } }).eyeshot.parts[name] = shared;
  return shared;
}
