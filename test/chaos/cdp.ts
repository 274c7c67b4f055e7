import { WebSocket } from 'ws';

/** How long a command may take, ms. */
const LIMIT = 10_000;

/** Says commands to a debugger's address, one after the other, and leaves. The last may be the end of what it is said to. */
export async function command(address: string, ...methods: readonly string[]): Promise<void> {
  const socket = new WebSocket(address);
  try {
    await new Promise<void>((resolve, reject) => {
      const answered = (id: number): void => {
        const method = methods[id];
        if (method === undefined) resolve();
        else socket.send(JSON.stringify({ id, method }));
      };
      const late = setTimeout(() => reject(new Error(`No answer to ${methods.join()}.`)), LIMIT);
      socket.on('open', () => answered(0));
      socket.on('message', data => {
        const { id, method, error } = JSON.parse(String(data));
        if (error) reject(new Error(`${methods[id]}: ${error.message}`));
        else if (method === 'Inspector.targetCrashed') resolve();
        else if (typeof id === 'number') answered(id + 1);
      });
      socket.on('error', reject);
      socket.on('close', () => {
        clearTimeout(late);
        resolve();
      });
    });
  } finally {
    socket.terminate();
  }
}
