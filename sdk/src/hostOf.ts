/** An element in; the host of the shadow tree that it is in out, or nothing: it is in the document, or was taken out of it. */
export function hostOf(element: Element): Element | undefined {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : undefined;
}
