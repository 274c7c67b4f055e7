import { setTimeout as wait } from 'node:timers/promises';
import { documentation, invalidKey, scripted, shaped } from './failures';
import type { Switches } from './options';
import { merged, type Session } from './session';
import type { Connection, Surroundings } from './socket';
import { type Failure, type Task, textOf } from './wire';

/** Answers the first message of a connection; with a session id it also hands over what was waiting. */
export async function authenticate(task: Task, connection: Connection, around: Surroundings): Promise<void> {
  const { faults, switches, engine, sessions } = around;
  const cut = faults.breakAt('auth', task);
  if (cut) {
    connection.break(cut);
    return;
  }
  const slow = faults.take('slow-open', task);
  if (slow) await wait(slow.ms);
  if (connection.broken) return;
  const scriptedFault = faults.take('error', task, ({ at }) => at === 'auth');
  if (scriptedFault) {
    const { taskUUID: _none, ...failure } = scripted(task, scriptedFault);
    connection.post(scriptedFault.body?.(task) ?? shaped(failure, scriptedFault.shape ?? 'errors-array'));
    return;
  }
  const account = engine.accounts.find(task.apiKey);
  const failure = account ? surplus(task) : invalidKey();
  if (!account || failure) {
    connection.post({ errors: [failure] });
    if (switches.badKey === 'close') connection.drop(1008);
    return;
  }
  const asked = textOf(task.connectionSessionUUID);
  const resumed = asked ? sessions.resume(asked, account) : undefined;
  if (asked && !resumed && switches.expiredSession === 'error') {
    connection.post({ errors: [expired()] });
    return;
  }
  welcome(connection, resumed ?? sessions.open(account), switches.replay);
}

function welcome(connection: Connection, session: Session, replay: Switches['replay']): void {
  const waiting = session.collect();
  const answer = { data: [{ taskType: 'authentication', connectionSessionUUID: session.id }] };
  const { whole, rest } = merged([answer, ...waiting]);
  const order = {
    'after-auth': [answer, ...waiting],
    'before-auth': [...waiting, answer],
    'same-frame': [whole, ...rest],
    twice: [answer, ...waiting, ...waiting],
  };
  connection.take(session);
  for (const frame of order[replay]) {
    // The answer itself belongs to this connection; what was waiting must not get lost with it.
    if (frame === answer || frame === whole) connection.post(frame);
    else session.send(frame);
  }
}

/** The published schema of this task forbids anything else. */
function surplus(task: Task): Failure | undefined {
  const extra = Object.keys(task).find(name => !/^(taskType|apiKey|connectionSessionUUID)$/.test(name));
  if (extra === undefined) return undefined;
  const message = `'${extra}' is not a parameter of this task.`;
  return { code: 'unknownParameter', message, parameter: extra, taskType: 'authentication', documentation };
}

const expired = (): Failure => ({
  code: 'invalidConnectionSessionUUID',
  message: 'This session is not known or has expired.',
  parameter: 'connectionSessionUUID',
  type: 'string',
  taskType: 'authentication',
});
