import type { Failure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import type { Task } from '../service';
import { failureOf } from './errors';
import { askOnce } from './http';
import { requestOf } from './operations';

/**
 * What the key's account has left, US dollars: a number in most documents, `{amount}` in the newest schema. The
 * answer also holds names and addresses of the team: nothing of it but the balance is looked at.
 * Throws the service's failure, `offline`, `unreachable`.
 */
export async function balanceOf(key: OpenedKey, signal: AbortSignal): Promise<number | undefined> {
  const question = {
    taskType: 'accountManagement',
    taskUUID: crypto.randomUUID(),
    operation: 'getDetails',
  };
  const { balance } = await askOnce(key, question, signal, failureOf);
  const amount =
    typeof balance === 'object' && balance !== null && 'amount' in balance ? balance.amount : balance;
  return typeof amount === 'number' && Number.isFinite(amount) ? amount : undefined;
}

/**
 * What a task would cost, US dollars, by a dry run over HTTP: Runware checks and prices it, and neither runs nor
 * charges it. The shape of the answer is not documented; whatever holds a cost will do. Under an id of its own, so
 * that the task's stays unused. Throws the service's failure, `offline`, `unreachable`.
 */
export async function priceOf(task: Task, key: OpenedKey, signal: AbortSignal): Promise<number | undefined> {
  const request = requestOf({ ...task, id: crypto.randomUUID() });
  const failed = (error: Parameters<typeof failureOf>[0]): Failure => failureOf(error, task.operation);
  const answer = await askOnce(key, request, signal, failed, true);
  const cost = answer.cost ?? answer.totalCost ?? answer.price;
  return typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 ? cost : undefined;
}
