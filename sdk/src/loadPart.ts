/** The name of a part that not every page needs in; the part out, from a file of its own. */
import { guard } from './guard';
import type { Parts, Shared } from './parts';
import { state } from './state';

declare const ESM: boolean;
/** Each part's file, which is named by its content, and its digest; put in place by the build. */
declare const PARTS: { [name in keyof Parts]: readonly [file: string, digest: string] };

interface Policy {
  createScriptURL(url: string): string;
}

interface Policies {
  createPolicy(name: string, rules: Policy): Policy;
}

type Loading = { [N in keyof Parts]?: Promise<Parts[N]> };

/** So that bundlers see what is imported. */
const modules: { [N in keyof Parts]: () => Promise<{ default: Shared<N> }> } = {
  fallback: () => import('./eyeshot-fallback.mjs'),
  frames: () => import('./eyeshot-frames.mjs'),
  alone: () => import('./eyeshot-alone.mjs'),
};
const loading: Loading = {};
let script: HTMLScriptElement | null;
/** A name on the page's list can be used once. */
let policy: Policy | undefined;

/** Parts are loaded from where this script is from. */
export function partsAreBeside(own: HTMLScriptElement | null): void {
  script = own;
}

export function loadPart<N extends keyof Parts>(name: N, use: (part: Parts[N]) => void): void {
  loading[name] ??= (ESM ? modules[name]().then((module) => module.default(state)) : insert(name)) as Loading[N];
  void loading[name]!.then(guard(use), guard((error) => {
    delete loading[name];
    throw error;
  }));
}

async function insert<N extends keyof Parts>(name: N): Promise<Parts[N]> {
  const { trustedTypes, eyeshot } = window as unknown as { trustedTypes?: Policies; eyeshot: { parts: { [P in keyof Parts]: Shared<P> } } };
  const [file, digest] = PARTS[name];
  if (!script) throw new Error(`no script tag beside ${file}`);
  const url = new URL(file, script.src).href;
  const part = document.createElement('script');
  part.crossOrigin = 'anonymous';
  part.integrity = digest;
  part.nonce = script.nonce;
  policy ??= trustedTypes?.createPolicy('eyeshot', { createScriptURL: (each) => each });
  part.src = policy?.createScriptURL(url) ?? url;
  document.head.append(part);
  return new Promise((loaded, failed) => {
    part.onload = () => loaded(eyeshot.parts[name](state));
    part.onerror = () => failed(new Error(`${url} could not be loaded`));
  });
}
