/** What a use cost, in dollars. What is too little for the column is not shown as nothing. */
export const dollars = (cost: number): string =>
  cost > 0 && cost < 0.00005 ? 'under $0.0001' : `$${cost.toFixed(4)}`;
