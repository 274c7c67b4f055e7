import type { Failure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import type { Ran, Task } from '../service';
import { failureOf } from './errors';
import type { Item, RunwareError } from './frames';
import { askOnce } from './http';
import { operationFor, requestOf } from './operations';
import { costOf } from './read';

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
  const [{ balance }] = await askOnce(key, question, signal, failureOf);
  const amount =
    typeof balance === 'object' && balance !== null && 'amount' in balance ? balance.amount : balance;
  return typeof amount === 'number' && Number.isFinite(amount) ? amount : undefined;
}

/** Operations that Runware ran instead of pricing them: no dry run of theirs is asked for any more. */
const unpriced = new Set<string>();

/**
 * What a task would cost, US dollars, by a dry run over HTTP: Runware checks and prices it, and neither runs nor
 * charges it. The shape of the answer is not documented; whatever holds a cost will do. Under an id of its own, so
 * that the task's stays unused. An operation that it runs after all has no price from then on. Throws the service's
 * failure, `offline`, `unreachable`.
 */
export async function priceOf(
  task: Task,
  key: OpenedKey,
  signal: AbortSignal,
): Promise<number | Ran | undefined> {
  const { operation } = task;
  if (unpriced.has(operation)) return undefined;
  const request = requestOf({ ...task, id: crypto.randomUUID() });
  const failed = (error: RunwareError): Failure => failureOf(error, operation);
  const items = await askOnce(key, request, signal, failed, true);
  const [{ cost, totalCost, price = totalCost }] = items;
  const said = cost ?? price;
  if (items.some(isResult) || (said === undefined && operationFor(task).delivery === 'async')) {
    unpriced.add(operation);
    const charged = items.reduce((sum, item) => sum + (costOf(item).cost ?? 0), 0);
    return { charged: charged || undefined };
  }
  return typeof said === 'number' && Number.isFinite(said) && said >= 0 ? said : undefined;
}

/** Whether it carries what a task makes. */
const isResult = (item: Item): boolean => Object.keys(item).some(name => /(URL|URI|Data)$|^text$/.test(name));
