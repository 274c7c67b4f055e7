/**
 * An error as a value: a code for programs, a sentence for a person, and what to do next.
 * It crosses the wire as its report and never carries a secret.
 */
export type FailureCode =
  // the door
  | 'refused'
  | 'bad-request'
  | 'no-answer'
  | 'internal'
  // the vault
  | 'vault-exists'
  | 'vault-missing'
  | 'vault-locked'
  | 'vault-damaged'
  | 'vault-unreadable'
  | 'vault-parameters'
  | 'wrong-passphrase'
  | 'wrong-passkey'
  | 'passkey-failed'
  | 'vault-busy'
  | 'bad-passphrase'
  | 'storage-full'
  | 'storage-failed'
  | 'key-missing'
  | 'key-damaged'
  // backups
  | 'backup-unreadable'
  | 'backup-passphrase'
  | 'backup-unwritable'
  // calls
  | 'bad-input'
  | 'call-missing'
  | 'daily-limit'
  | 'outcome-unknown'
  | 'cancelled'
  // services
  | 'wrong-origin'
  | 'offline'
  | 'unreachable'
  | 'timed-out'
  | 'rejected-key'
  | 'quota'
  | 'rate-limit'
  | 'safety'
  | 'not-found'
  | 'invalid'
  | 'service-error'
  | 'unreadable-answer';

export interface FailureReport {
  readonly code: FailureCode;
  /** What happened, in a sentence. */
  readonly message: string;
  /** What the person can do about it. */
  readonly next?: string;
  /** The service's own code and text, as it sent them. Untrusted: shown as text. */
  readonly service?: { readonly code?: string; readonly text?: string };
  /** The name of the form field concerned. */
  readonly field?: string;
}

export class Failure extends Error {
  readonly report: FailureReport;

  constructor(code: FailureCode, message: string, more: Omit<FailureReport, 'code' | 'message'> = {}) {
    super(message);
    this.name = 'Failure';
    this.report = { code, message, ...more };
  }

  get code(): FailureCode {
    return this.report.code;
  }

  static from(report: FailureReport): Failure {
    const { code, message, ...more } = report;
    return new Failure(code, message, more);
  }
}

/** Any thrown thing as a report. What is not ours is not quoted: its text might hold anything. */
export function reportOf(thrown: unknown): FailureReport {
  if (thrown instanceof Failure) return thrown.report;
  return {
    code: 'internal',
    message: 'Something went wrong inside Runkey.',
    next: 'Try again. If it happens again, report it with what you did just before.',
  };
}

export function isFailure(thrown: unknown, code?: FailureCode): thrown is Failure {
  return thrown instanceof Failure && (code === undefined || thrown.code === code);
}
