import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, placeBeside } from '../../src/selection/bubble/place';

const VIEW = { width: 1000, height: 800 };
const SIZE = { width: 76, height: 30 };
const word: Box = { left: 100, top: 100, right: 160, bottom: 120 };

describe('the bubble’s place', () => {
  it('is below the end of what is selected', () => {
    expect(placeBeside([word], SIZE, VIEW)).toEqual({ left: 160, top: 126 });
  });

  it('is at its left where text runs to the left', () => {
    expect(placeBeside([word], SIZE, VIEW, true)).toEqual({ left: 24, top: 126 });
  });

  it('is above where there is no room below', () => {
    const low = { ...word, top: 775, bottom: 795 };
    // Beside it comes first, where that is free.
    expect(placeBeside([{ ...low, right: 950 }], SIZE, VIEW)).toEqual({ left: 918, top: 739 });
  });

  it('is nowhere where everything in view is selected', () => {
    expect(placeBeside([{ left: 0, top: 0, right: 1000, bottom: 800 }], SIZE, VIEW)).toBeUndefined();
    expect(placeBeside([], SIZE, VIEW)).toBeUndefined();
  });

  it('is in view and over nothing that is selected, whatever is selected', () => {
    const box = fc
      .tuple(
        fc.integer({ min: -200, max: 1000 }),
        fc.integer({ min: -200, max: 800 }),
        fc.nat(600),
        fc.nat(100),
      )
      .map(([left, top, width, height]) => ({
        left,
        top,
        right: left + width + 1,
        bottom: top + height + 1,
      }));
    fc.assert(
      fc.property(fc.array(box, { minLength: 1, maxLength: 8 }), fc.boolean(), (boxes, toLeft) => {
        const place = placeBeside(boxes, SIZE, VIEW, toLeft);
        if (!place) return;
        const { left, top } = place;
        const [right, bottom] = [left + SIZE.width, top + SIZE.height];
        expect(left >= 0 && top >= 0 && right <= VIEW.width && bottom <= VIEW.height).toBe(true);
        const over = boxes.filter(
          one => one.left < right && one.right > left && one.top < bottom && one.bottom > top,
        );
        expect(over).toEqual([]);
      }),
    );
  });
});
