/** dist/eyeshot-fallback.mjs, beside the bundle that asks for it. */
declare const part: import('./parts').Shared<'fallback'>;
export default part;
