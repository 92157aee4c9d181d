/** The quality bits as constants, which the bundler inlines; a value that is not the generated one does not compile. */
import type { QUALITY } from './event';

type Bits = typeof QUALITY;

export const OCCLUSION_UNKNOWN: Bits['occlusion_unknown'] = 1;
export const PINCH_ZOOMED: Bits['pinch_zoomed'] = 2;
export const NO_FOCUS: Bits['no_focus'] = 4;
export const LATE_TIMER: Bits['late_timer'] = 8;
export const UNAUTHENTICATED_FRAME: Bits['unauthenticated_frame'] = 16;
