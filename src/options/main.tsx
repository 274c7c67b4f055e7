import { render } from 'preact';
import { watch } from '../ui/state';
import { Options } from './options';

const root = document.getElementById('app');
watch();
if (root) render(<Options />, root);
