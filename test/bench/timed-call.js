// Runs inside an open page of the extension, as a function of the call's values: gives a function that
// runs one call and times it.
values => {
  let finished;
  const port = chrome.runtime.connect({ name: 'state' });
  const key = new Promise(resolve => {
    port.onMessage.addListener(event => {
      if (event.type === 'snapshot') resolve(event.keys[0].id);
      else if (event.call.state.phase === 'done') finished.resolve(event.call.state.tookMs);
      else if (!['queued', 'sent'].includes(event.call.state.phase))
        finished.reject(new Error(event.call.state.phase));
    });
  });
  window.timedCall = async () => {
    const body = { key: await key, operation: 'image', values };
    const begun = performance.now();
    const answer = new Promise((resolve, reject) => {
      finished = { resolve, reject };
    });
    await chrome.runtime.sendMessage({ ask: 'calls.start', body });
    const worker = await answer;
    return { worker, page: performance.now() - begun };
  };
};
