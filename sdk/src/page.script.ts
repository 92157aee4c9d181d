/** dist/eyeshot.js */
import { consent, init, inspect, on } from './page';
import { startFromScript } from './startFromScript';

startFromScript({ init, consent, on, inspect });
