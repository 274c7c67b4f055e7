import { start } from './card/start';

// Runs in the top frame when a card is wanted there, once more with each.
start();
