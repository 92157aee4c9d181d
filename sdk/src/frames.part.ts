/** dist/eyeshot-frames.js, loaded only by a page that lets widgets join. */
import { acceptWidgets } from './acceptWidgets';
import { givePart } from './givePart';

export default givePart('frames', acceptWidgets);
