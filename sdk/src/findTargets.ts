/** A selector in; calls `found` with every matching element, in open shadow trees too, and of those that are added later. */
import { guard } from './guard';
import { atStop } from './listen';

export interface Finder {
  /** Finds all that are there now. */
  _scan(): void;
  /** Tells `recycled` when this element's `href` is changed. */
  _follow(element: Element): void;
}

export function findTargets(
  selector: string,
  found: (element: Element) => void,
  recycled: (element: Element) => void,
  changed: () => void,
): Finder {
  const additions = new MutationObserver(
    guard((mutations: MutationRecord[]) => {
      changed();
      for (const { addedNodes } of mutations) {
        for (const node of addedNodes) if (node instanceof Element) scan(node);
      }
    }),
  );
  const links = new MutationObserver(guard((mutations: MutationRecord[]) => mutations.forEach(({ target }) => recycled(target as Element))));
  const roots = new WeakSet<Node>();
  const upgrading = new Set<string>();

  function scan(root: ParentNode): void {
    if (root instanceof Element && root.matches(selector)) found(root);
    root.querySelectorAll(selector).forEach(found);
    for (const each of [root as Element, ...root.querySelectorAll('*')]) if (each.shadowRoot) open(each.shadowRoot);
    root.querySelectorAll(':not(:defined)').forEach(awaitUpgrade);
  }

  function open(root: Document | ShadowRoot): void {
    if (!roots.has(root)) additions.observe(root, { childList: true, subtree: true });
    roots.add(root);
    scan(root);
  }

  /** A custom element gets its shadow tree when it is defined, which may be long after it was added. */
  function awaitUpgrade(element: Element): void {
    const name = element.getAttribute('is') ?? element.localName;
    if (upgrading.has(name)) return;
    upgrading.add(name);
    // A name that nobody can define is refused.
    void customElements.whenDefined(name).then(guard(() => scan(document)), () => {});
  }

  atStop(() => {
    additions.disconnect();
    links.disconnect();
  });
  return {
    _scan: () => open(document),
    _follow: (element) => links.observe(element, { attributes: true, attributeFilter: ['href'] }),
  };
}
