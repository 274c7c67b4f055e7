import { render } from 'preact';
import { tellOfInput } from '../ui/activity';
import { watch } from '../ui/state';
import { Options } from './options';

const root = document.getElementById('app');
watch();
tellOfInput();
if (root) render(<Options />, root);
