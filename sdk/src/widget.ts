/** The SDK for widgets that live in an iframe on publishers' pages. */
import { initWidget } from './initWidget';
import { permit } from './permit';
import { readWidgetSettings, type WidgetOptions, type WidgetSettings } from './readSettings';

export { inspect, type Inspection } from './inspect';
export { on, type Hooks } from './on';
export type { WidgetOptions } from './readSettings';
export type { WireBatch, WireEvent } from './event';

export const { init, consent } = permit<WidgetOptions, WidgetSettings>(readWidgetSettings, initWidget);
