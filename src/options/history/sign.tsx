const PATHS = {
  audio: 'M4 10v4M8 7v10M12 4v16M16 8v8M20 10v4',
  video: 'M4 6h16v12H4zM10 9.5v5l4.5-2.5z',
  list: 'M9 6h11M9 12h11M9 18h11M4 6h1M4 12h1M4 18h1',
  link: 'M14 5h5v5M19 5l-8 8M10 6H5v13h13v-5',
  done: 'M5 12.5l4.5 4.5L19 7.5',
} as const;

/** A calm drawing for what a card cannot show itself. */
export const Sign = ({ of }: { of: keyof typeof PATHS }) => (
  <svg class="sign" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
    <path d={PATHS[of]} />
  </svg>
);
