// Runs inside an open page of the extension: gives it a function that starts calls in one moment, waits for the
// end of each, and times it.
() => {
  const ended = new Map();
  const waiting = new Map();
  const take = ({ id, at: asked, state }) => {
    if (ended.has(id) || ['queued', 'sent'].includes(state.phase)) return;
    const end = { at: performance.now(), asked, state };
    ended.set(id, end);
    waiting.get(id)?.(end);
  };
  chrome.runtime.connect({ name: 'state' }).onMessage.addListener(event => {
    for (const call of event.calls ?? []) take(call);
  });
  window.runCalls = bodies =>
    Promise.all(
      bodies.map(async body => {
        const begun = performance.now();
        const reply = await chrome.runtime.sendMessage({ ask: 'calls.start', body });
        if (!reply.ok) throw new Error(`A call was not started: ${JSON.stringify(reply.failure)}`);
        const { id } = reply.value;
        const { at, asked, state } =
          ended.get(id) ?? (await new Promise(resolve => waiting.set(id, resolve)));
        const { phase, tookMs: worker, failure, items = [] } = state;
        return { id, phase, asked, worker, page: at - begun, failure, items };
      }),
    );
};
