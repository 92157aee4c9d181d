/** Marks each link of this document when Eyeshot has seen it. */
window.eyeshot?.on('seen', ({ event }) => {
  if (event.et !== 'link_impression') return;
  for (const link of document.querySelectorAll('a[data-eyeshot-link]')) {
    if (link.dataset.eyeshotLink === event.lb && link.href === event.l) link.classList.add('is-seen');
  }
});
