/** How many at once and how many per second in; a gate out that says whether the next one may pass. Times are ms. */
export function limitRate(burst: number, perSecond: number): (now: number) => boolean {
  let left = burst;
  let last = 0;
  return (now) => {
    left = Math.min(burst, left + ((now - last) * perSecond) / 1000);
    last = now;
    return left >= 1 && left-- > 0;
  };
}
