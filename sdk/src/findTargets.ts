/** A selector in; calls `found` with every matching element that is added later, and gives a way to look at all. */
import { guard } from './guard';

export function findTargets(selector: string, found: (element: Element) => void): () => void {
  const scan = (root: ParentNode): void => root.querySelectorAll(selector).forEach(found);
  const hear = (mutations: MutationRecord[]): void => {
    for (const { addedNodes } of mutations) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        if (node.matches(selector)) found(node);
        scan(node);
      }
    }
  };
  new MutationObserver(guard(hear)).observe(document, { childList: true, subtree: true });
  return () => scan(document);
}
