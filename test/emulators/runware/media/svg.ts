import { chance, hash } from './chance';

/** A few discs as SVG, decided by the prompt alone. */
export function drawSvg(prompt: string, width: number, height: number): string {
  const next = chance(hash(prompt));
  const discs = Array.from({ length: 6 }, () => {
    const [x, y, radius] = [next() * width, next() * height, (0.05 + next() * 0.2) * Math.min(width, height)];
    const hue = Math.floor(next() * 360);
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}" fill="hsl(${hue} 60% 60%)"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="hsl(${Math.floor(next() * 360)} 40% 30%)"/>`,
    ...discs,
    '</svg>',
  ].join('');
}
