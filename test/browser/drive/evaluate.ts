import { WebSocket } from 'ws';

/**
 * Runs a script in the tab behind a debugger's address and gives its value, a promise's once it is there.
 * Throws what the script threw.
 */
export function evaluateIn(address: string, expression: string): Promise<unknown> {
  const socket = new WebSocket(address);
  const params = { expression, awaitPromise: true, returnByValue: true };
  return new Promise<unknown>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The tab is gone.')));
    socket.on('open', () => socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params })));
    socket.on('message', data => {
      const { id, result } = JSON.parse(String(data));
      if (id !== 1) return;
      if (result.exceptionDetails)
        reject(new Error(result.exceptionDetails.exception?.description ?? 'It threw.'));
      else resolve(result.result.value);
    });
  }).finally(() => socket.terminate());
}
