/** What a use cost, in a column. What is too little for it is not shown as nothing. */
export const dollars = (cost: number): string =>
  cost > 0 && cost < 0.00005 ? 'under $0.0001' : `$${cost.toFixed(4)}`;

/** What a call costs, in a sentence: most cost a fraction of a cent, and two digits say enough. */
export function price(cost: number): string {
  if (cost > 0 && cost < 0.000001) return 'under $0.000001';
  return `$${cost === 0 ? '0' : cost >= 0.1 ? cost.toFixed(2) : Number(cost.toPrecision(2))}`;
}

/** Money that an account has, or that a person allows. */
export const amount = (money: number): string => `${money < 0 ? '−' : ''}$${Math.abs(money).toFixed(2)}`;
