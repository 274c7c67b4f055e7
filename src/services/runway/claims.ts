/** Which call a task at Runway is known to be of: two calls with the same prompt must not be given the same task. */
const claims = new Map<string, string>();

export const claim = (taskId: string, call: string): void => {
  claims.set(taskId, call);
};

export const isOfAnother = (taskId: string, call: string): boolean => (claims.get(taskId) ?? call) !== call;
