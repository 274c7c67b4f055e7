import { render } from 'preact';
import { tellOfInput } from '../ui/activity';
import { watch } from '../ui/state';
import { loadDraft } from './draft';
import { Popup } from './popup';
import { learnOfWindow } from './private-window';

const root = document.getElementById('app');
watch();
tellOfInput();
// The draft first, so that the form is never painted empty and then filled.
if (root)
  void learnOfWindow()
    .then(loadDraft)
    .then(() => render(<Popup />, root));
