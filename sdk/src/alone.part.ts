/** dist/eyeshot-alone.js, loaded only by a widget that no page's SDK answers. */
import { givePart } from './givePart';
import { reportEvents } from './reportEvents';

export default givePart('alone', reportEvents);
