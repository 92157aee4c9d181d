/** What localStorage has of a site, and its end. */

export const prefixOf = (site: string): string => `eyeshot:${site}:`;

/** Removes what any page of this origin has left there. */
export function forget(site: string): void {
  const storage = findStorage();
  for (const key of Object.keys(storage ?? {})) if (key.startsWith(prefixOf(site))) storage!.removeItem(key);
}

/** None where the browser or a sandbox forbids it. */
export function findStorage(): Storage | null | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
