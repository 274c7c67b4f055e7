// Put into each new document of the options page, as a function of what to wait for: when the first of that was
// painted, ms since the document began or since `since` was set, and every task of 50 ms or more.
selector => {
  const state = { since: 0, painted: undefined, longTasks: [] };
  Object.assign(globalThis, { bench: state });
  new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) state.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    if (state.painted !== undefined || !document.querySelector(selector)) return;
    state.painted = Number.NaN;
    // The frame that is drawn with it has been handed over when the next task runs.
    requestAnimationFrame(() =>
      setTimeout(() => {
        state.painted = performance.now() - state.since;
      }),
    );
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
};
