// Runs inside the page of an extension whose worker only passes tasks on: gives it a function that sends tasks in
// one moment and says how long the last answer took, by the page and by the worker.
async apiKey => {
  const waiting = new Map();
  chrome.runtime
    .connect()
    .onMessage.addListener(({ taskUUID, at }) => waiting.get(taskUUID)?.({ at, page: performance.now() }));
  await chrome.runtime.sendMessage({ apiKey });
  window.runRelay = async tasks => {
    const begun = performance.now();
    const calls = await Promise.all(
      tasks.map(async task => {
        const end = new Promise(resolve => waiting.set(task.taskUUID, resolve));
        const { at } = await chrome.runtime.sendMessage({ task });
        return { asked: at, ...(await end) };
      }),
    );
    return {
      worker: Math.max(...calls.map(({ at }) => at)) - Math.min(...calls.map(({ asked }) => asked)),
      page: Math.max(...calls.map(({ page }) => page)) - begun,
    };
  };
};
