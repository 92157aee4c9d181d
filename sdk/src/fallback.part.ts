/** dist/eyeshot-fallback.js, loaded only where there is no IntersectionObserver, or a broken one. */
import { givePart } from './givePart';
import type { Parts } from './parts';
import { ScrollObserver } from './ScrollObserver';

export default givePart('fallback', ScrollObserver as unknown as Parts['fallback']);
