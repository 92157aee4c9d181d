/** dist/eyeshot-widget.js */
import { startFromScript } from './startFromScript';
import { init, on } from './widget';

startFromScript({ init, on });
