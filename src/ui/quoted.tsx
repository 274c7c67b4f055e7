/** A name that a person chose, in a sentence of ours. Apart, or its writing direction would turn its neighbours. */
export const Quoted = ({ text }: { text: string }) => (
  <>
    “<bdi>{text}</bdi>”
  </>
);

/** Several of them, with commas. */
export const Listed = ({ texts }: { texts: readonly string[] }) => (
  <>
    {texts.map((text, at) => (
      <span key={at}>
        {at > 0 && ', '}
        <bdi>{text}</bdi>
      </span>
    ))}
  </>
);
