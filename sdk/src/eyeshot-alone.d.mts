/** dist/eyeshot-alone.mjs, beside the bundle that asks for it. */
declare const part: import('./parts').Shared<'alone'>;
export default part;
