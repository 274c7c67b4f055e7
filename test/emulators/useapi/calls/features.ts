import type { Answer } from '../../loopback/wire';
import { Params } from '../params';
import { accountRead } from '../selection';
import { planOf } from '../subscribers';
import type { Visit } from '../world';

/** What Runway says of an account: its credits, and its teams. */
export function readFeatures({ call, subscriber, world }: Visit): Answer {
  const { email } = accountRead(subscriber, Params.ofQuery(call).text('email'));
  const { credits, unlimited } = planOf(subscriber, email);
  return {
    status: 200,
    body: {
      permitted: { storageGB: 500, numPlanCredits: credits, explore: unlimited },
      used: { storageGB: 1, numPlanCredits: world.ledger.total(email) },
      teams: [{ id: 7_654_321, name: 'Studio', plan: unlimited ? 'unlimited' : 'pro' }],
    },
  };
}
