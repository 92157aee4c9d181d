/** dist/eyeshot.js */
import { init, on } from './page';
import { startFromScript } from './startFromScript';

startFromScript({ init, on });
