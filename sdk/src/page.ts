/** The SDK for publishers' pages. */
import { initPage } from './initPage';
import { permit } from './permit';
import { type PageOptions, readPageSettings, type Settings } from './readSettings';

export { inspect, type Inspection } from './inspect';
export { on, type Hooks } from './on';
export type { PageOptions } from './readSettings';
export type { WireBatch, WireEvent } from './event';

export const { init, consent } = permit<PageOptions, Settings>(readPageSettings, initPage);
