/** Bullets in the place of what a field hides. */
const HIDDEN = /^[\s•●∙·*＊]+$/;
/** 13 to 19 digits, in groups or not, and nothing else. */
const NUMBER = /^\s*\d(?:[ -]?\d){12,18}\s*$/;

/** Whether a text is what a person hides, whatever field it is in: some fields are in frames that cannot be asked. */
export const isPrivateText = (text: string): boolean =>
  (HIDDEN.test(text) && text.trim() !== '') || (NUMBER.test(text) && hasCheckDigit(text.replace(/\D/g, '')));

/** Luhn's, which every card's number has (ISO/IEC 7812-1). */
function hasCheckDigit(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
