/** dist/eyeshot-widget.js */
import { startFromScript } from './startFromScript';
import { consent, init, inspect, on } from './widget';

startFromScript({ init, consent, on, inspect });
