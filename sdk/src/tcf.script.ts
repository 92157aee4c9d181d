/** dist/eyeshot-tcf.js: `data-purposes` and `data-vendor` in; tells the page's `eyeshot` what the consent platform says. */
import { followTcf } from './followTcf';

const page = window as unknown as { eyeshot?: { consent(given: boolean): void } };
const { purposes, vendor } = document.currentScript?.dataset ?? {};
followTcf((given) => page.eyeshot?.consent(given), { purposes, vendor });
