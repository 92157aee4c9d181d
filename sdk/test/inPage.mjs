/** Script for the pages of a test, for stimuli that must not wait for the driver of the browser: a busy machine makes it slow. */

/** Runs in the page. */
function install() {
  /** What the SDK's clock on a link does: `waiting`, `running`, `hidden` or `counted`. */
  window.stateOf = (label) => eyeshot.inspect(document.querySelector(`[data-eyeshot-link="${label}"]`))?.rules[0].state;
  window.pause = (ms) => new Promise((done) => setTimeout(done, ms));
  window.when = async (holds) => {
    while (!holds()) await pause(10);
  };
  /** Brings a link into view until its clock has run for so long, and scrolls to `y`; done when the clock has stopped. */
  window.glimpse = async (label, ms, y = 0) => {
    document.querySelector(`[data-eyeshot-link="${label}"]`).scrollIntoView({ block: 'center' });
    await when(() => stateOf(label) === 'running');
    await pause(ms);
    scrollTo(0, y);
    await when(() => !['running', 'hidden'].includes(stateOf(label)));
  };
}

/** Follows the SDK's script. */
export const IN_PAGE = `<script>(${install})()</script>`;
