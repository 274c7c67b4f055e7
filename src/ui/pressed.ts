import { useRef } from 'preact/hooks';

/**
 * The id of the call that a press asks for. It stays the same while what is asked for does and nobody has answered:
 * a background that died in the middle may have begun it, and pressing again must not begin another.
 */
export function usePressed(): { idOf(asked: string): string; answered(): void } {
  const pressed = useRef<{ asked: string; id: string } | undefined>(undefined);
  return {
    idOf(asked) {
      if (pressed.current?.asked !== asked) pressed.current = { asked, id: crypto.randomUUID() };
      return pressed.current.id;
    },
    answered() {
      pressed.current = undefined;
    },
  };
}
