import type { FailureReport } from '../failure';
import { Alert } from './alert';

/** Why something could not be looked at, and another try. */
export function LookAgain({ failure, onLook }: { failure: FailureReport; onLook: () => void }) {
  return (
    <div class="stack tight">
      <Alert failure={failure} />
      <div class="row">
        <button type="button" onClick={onLook}>
          Look again
        </button>
      </div>
    </div>
  );
}
