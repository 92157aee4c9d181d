/** dist/eyeshot-frames.mjs, beside the bundle that asks for it. */
declare const part: import('./parts').Shared<'frames'>;
export default part;
