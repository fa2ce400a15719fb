import { expect, test } from 'vitest';

import { sizeOf } from './picture.ts';

const view = (...bytes: number[]) => new DataView(Uint8Array.from(bytes).buffer);
const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52];
const text = (svg: string) => view(...new TextEncoder().encode(svg));

test.each([
  ['a PNG', view(...png, 0, 0, 0xea, 0x60, 0, 0, 0x75, 0x30), { width: 60_000, height: 30_000, png: true }],
  [
    'a JPEG behind its other segments',
    view(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 11, 8, 1, 0, 2, 0, 3, 0, 0),
    { width: 512, height: 256, png: false },
  ],
  ['an SVG that is named .png', text('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined],
  ['a PNG that is cut off', view(...png), undefined],
  ['a JPEG that is cut off', view(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 1), undefined],
  ['a JPEG with a segment of no length', view(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0), undefined],
  ['nothing', view(), undefined],
])('the size of %s', (_what, bytes, size) => {
  expect(sizeOf(bytes)).toEqual(size);
});
