import type { Inbox } from './inbox';

/** A way to Runware for the tasks of one key. */
export interface Line {
  /** Names its session to Runware, where it has one: whoever has it and the key gets undelivered results. A secret. */
  readonly session?: string | undefined;
  /** From now on `inbox` gets what is about the task. */
  attach(task: string, taskType: string, inbox: Inbox): void;
  /** Ends a task's deliveries. One that is `given up` may still be answered. */
  detach(task: string, givenUp: boolean): void;
  /**
   * Sends a task, or a question about it. False when the line is down: then nothing has left.
   * Throws `vault-locked` when the key was forgotten.
   */
  send(task: WireTask): boolean;
}

/** A task as it goes over the wire. */
export interface WireTask {
  readonly taskType: string;
  readonly taskUUID: string;
}

/** Whether it only asks after another task. */
export const isQuestion = ({ taskType }: { taskType?: string | undefined }): boolean =>
  taskType === 'getResponse' || taskType === 'getTaskDetails';
