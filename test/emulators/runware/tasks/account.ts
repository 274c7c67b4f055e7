import { masked } from '../accounts';
import type { TaskKind } from './kind';

export const accountManagement: TaskKind = {
  taskType: 'accountManagement',
  deliveries: ['sync'],
  instant: true,
  check(fields, { switches }) {
    fields.choice('operation', ['getDetails'], true);
    if (switches.balanceForm !== 'refused') return;
    fields.fail({ code: 'insufficientPermissions', message: 'This API key may not see the account.' });
  },
  /** Names, e-mails and masked keys are there because the real answer has them: clients ought to drop them. */
  make({ operation }, _index, { account, accounts, switches }) {
    const amount = Number(account.balance.toFixed(6));
    return {
      operation,
      organizationUUID: '5f9d3a52-54a5-4d6c-9a53-0d9fd8a4f0b1',
      organizationName: 'Emulated Organization',
      balance: switches.balanceForm === 'number' ? amount : { amount, freeBalance: 0, currency: 'USD' },
      team: [
        { name: 'Olive Owner', email: 'olive.owner@example.com', roles: ['Owner'] },
        { name: 'Dan Developer', email: 'dan.developer@example.com', roles: ['Developer'] },
      ],
      apiKeys: accounts.all.map(({ apiKey, label, revoked }) => ({
        apiKey: masked(apiKey),
        name: label,
        enabled: !revoked,
      })),
      usage: { total: { credits: 0, requests: 0 } },
    };
  },
};
