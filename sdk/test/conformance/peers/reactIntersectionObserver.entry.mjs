/** react-intersection-observer's `observe`, once per element that is mounted, with the second that its users add by a timer. */
import { observe } from 'react-intersection-observer';

const { recorder, threshold, durationMs } = document.currentScript.dataset;

function mount(element) {
  if (element.mounted) return;
  element.mounted = true;
  let timer;
  const stop = observe(
    element,
    (inView) => {
      clearTimeout(timer);
      if (!inView) return;
      timer = setTimeout(() => {
        stop();
        navigator.sendBeacon(`${recorder}/seen`, JSON.stringify({ label: element.dataset.eyeshotLink, at: Date.now() }));
      }, Number(durationMs));
    },
    { threshold: Number(threshold) },
  );
}

const scan = () => document.querySelectorAll('[data-eyeshot-link]').forEach(mount);
new MutationObserver(scan).observe(document, { childList: true, subtree: true });
document.addEventListener('DOMContentLoaded', scan);
