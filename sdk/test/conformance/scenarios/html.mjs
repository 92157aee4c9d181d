/** Pieces of pages that scenarios are made of. */
import { FAR, link } from '../../stage.mjs';

export { FAR, link };

/** A link that is fixed somewhere in the view. */
export const fixed = (label, style, href) => link(label, `position:fixed;${style}`, href);

/** Proves that the tracker was at work where nothing else is to be counted. */
export const CONTROL = fixed('control', 'right:0;top:0;width:80px;height:20px;z-index:9');

/** A box around something. */
export const box = (style, inner) => `<div style="${style}">${inner}</div>`;
