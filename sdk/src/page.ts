/** The SDK for publishers' pages. */
import { initPage } from './initPage';
import { permit } from './permit';

export { on, type Hooks } from './on';
export type { PageOptions } from './readSettings';
export type { WireBatch, WireEvent } from './event';

export const init = permit(initPage);
