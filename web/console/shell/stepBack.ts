interface Guard {
  here: string;
  act(goOn: () => void): void;
}

/** The newest has the say. */
const guards: Guard[] = [];

// A window's listeners run in the order they came, so main.tsx imports this before
// anything is drawn: the router is not to hear of a step back that is undone.
window.addEventListener('popstate', (event) => {
  const guard = guards.at(-1);
  if (guard === undefined) return;
  event.stopImmediatePropagation();
  history.pushState(null, '', guard.here);
  guard.act(() => undefined);
});

/**
 * From now on undoes steps back and forth in the browser's history, and does
 * this instead; also where somebody is about to `leave`, which `goOn` then does.
 * Returns what ends it.
 */
export function undoSteps(act: Guard['act']): () => void {
  const guard = { here: location.href, act };
  guards.push(guard);
  return () => void guards.splice(guards.indexOf(guard), 1);
}

/** Goes elsewhere, unless what is open asks first. */
export function leave(go: () => void): void {
  const guard = guards.at(-1);
  if (guard === undefined) go();
  else guard.act(go);
}
