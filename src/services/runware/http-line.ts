import type { OpenedKey } from '../../vault/key-index';
import { locked } from './connection';
import { Deliveries } from './deliveries';
import type { Answer } from './frames';
import { answersOf, post } from './http';
import type { Inbox } from './inbox';
import type { Line, WireTask } from './line';

/** A request is given up after this, ms: what Runware's own budget for one task is, and more. */
const LONGEST = 180_000;

/** The way over HTTP: every task a request of its own, its answer the response. */
export class HttpLine implements Line {
  private readonly deliveries = new Deliveries();
  private readonly requests = new Map<string, AbortController>();

  constructor(private readonly key: () => OpenedKey | undefined) {}

  attach(task: string, taskType: string, inbox: Inbox): void {
    this.deliveries.attach(task, taskType, inbox);
  }

  detach(task: string, givenUp: boolean): void {
    this.deliveries.detach(task, givenUp);
    this.requests.get(task)?.abort();
    this.requests.delete(task);
  }

  send(task: WireTask): boolean {
    const key = this.key();
    if (!key) throw locked();
    const abort = new AbortController();
    this.requests.set(task.taskUUID, abort);
    void this.deliver(key, task, AbortSignal.any([abort.signal, AbortSignal.timeout(LONGEST)]));
    return true;
  }

  private async deliver(key: OpenedKey, task: WireTask, signal: AbortSignal): Promise<void> {
    const { taskUUID } = task;
    try {
      const answers = await answersOf(await post(key, [task], { signal }));
      const about = answers.map(answer => named(answer, task));
      this.deliveries.bring(about);
      const heard = about.some(answer => 'task' in answer && answer.task === taskUUID);
      if (!heard) this.deliveries.tell({ kind: 'nothing' }, [taskUUID]);
    } catch {
      // Whether it arrived is not known: its task asks.
      this.deliveries.tell({ kind: 'dropped' }, [taskUUID]);
    }
  }
}

/** An error in the answer to one task, or to a question about it, is that one's, whether it says so or not. */
function named(answer: Answer, { taskUUID, taskType }: WireTask): Answer {
  return answer.kind === 'error' ? { task: taskUUID, taskType, ...answer } : answer;
}
