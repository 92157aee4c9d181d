/** The observer that blog posts show: intersecting at half, a timer of a second, no more. */
const { recorder, threshold, durationMs } = document.currentScript.dataset;
const timers = new Map();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) {
        clearTimeout(timers.get(target));
        continue;
      }
      const report = () => {
        observer.unobserve(target);
        navigator.sendBeacon(`${recorder}/seen`, JSON.stringify({ label: target.dataset.eyeshotLink, at: Date.now() }));
      };
      timers.set(target, setTimeout(report, Number(durationMs)));
    }
  },
  { threshold: Number(threshold) },
);

document.addEventListener('DOMContentLoaded', () =>
  document.querySelectorAll('[data-eyeshot-link]').forEach((link) => observer.observe(link)),
);
