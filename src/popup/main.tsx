import { render } from 'preact';
import { watch } from '../ui/state';
import { loadDraft } from './draft';
import { Popup } from './popup';

const root = document.getElementById('app');
watch();
// The draft first, so that the form is never painted empty and then filled.
if (root) void loadDraft().then(() => render(<Popup />, root));
