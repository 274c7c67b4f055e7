import { start } from './bubble/start';

// Runs in a frame once something was selected there, on sites where the person wants it.
start();
