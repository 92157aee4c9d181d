/** One value of the publisher's in; the same, checked, out, or an error that says what it must be. */

export function refuse(name: string, value: unknown, bound: string): never {
  throw new Error(`${name} is "${value}", but must be ${bound}`);
}

export function text(name: string, value: string | undefined): string {
  return value && value.length <= 64 ? value : refuse(name, value, '1 to 64 characters');
}

export function number(name: string, value: number | string, min: number, max: number): number {
  return value !== '' && +value >= min && +value <= max ? +value : refuse(name, value, `${min} to ${max}`);
}

export function origins(given: readonly string[] | string): string[] {
  const list = typeof given === 'string' ? given.split(/[\s,]+/).filter(Boolean) : [...given];
  return list.map((each) => (isOrigin(each) ? each : refuse('origin', each, 'like https://host.example')));
}

/** Whether it is an origin to the letter, as the browser writes it: no path, no wildcard, no `null`. */
export function isOrigin(given: string): boolean {
  try {
    return new URL(given).origin === given;
  } catch {
    return false;
  }
}
