import type { FailureReport } from '../failure';

/** What went wrong, what to do, and the service's own words, as text. */
export function Alert({ failure }: { failure: FailureReport }) {
  const { message, next, service } = failure;
  const said = [service?.code, service?.text].filter(Boolean).join(': ');
  return (
    <div class="alert" role="alert">
      <strong>{message}</strong>
      {next && <span>{next}</span>}
      {said && <code>{said}</code>}
    </div>
  );
}
