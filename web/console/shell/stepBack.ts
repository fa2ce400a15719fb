let instead: (() => void) | undefined;

// A window's listeners run in the order they came, so main.tsx imports this before
// anything is drawn: the router is not to hear of a step back that is taken back.
window.addEventListener('popstate', (event) => {
  if (instead === undefined) return;
  event.stopImmediatePropagation();
  instead();
});

/** Takes steps back and forth in the browser's history back from now on, and does this instead; returns what ends it. */
export function takeBackSteps(act: () => void): () => void {
  const here = location.href;
  const doInstead = () => {
    history.pushState(null, '', here);
    act();
  };
  instead = doInstead;
  return () => {
    if (instead === doInstead) instead = undefined;
  };
}
