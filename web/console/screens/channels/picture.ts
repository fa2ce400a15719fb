import type { Area } from 'react-easy-crop';

import { pictureBounds } from '../../media/pictures.ts';

// What is found out about a picture before the browser decodes it: a small file
// can claim to be enormous, and any file can be named .png.

/** An avatar is shown small. */
const SIDE = 512;

export interface Unfit {
  why: 'notPicture' | 'tooManyPixels' | 'tooLarge';
  millions: number;
  megabytes: number;
}

/** Why a file can't become an avatar, with the bound that it breaks; undefined where it can. */
export async function unfit(file: File): Promise<Unfit | undefined> {
  const { bytes, jpegPixels, pngPixels } = pictureBounds();
  const because = (why: Unfit['why'], pixels = 0) => ({ why, millions: pixels / 1e6, megabytes: bytes / (1 << 20) });
  if (file.size > bytes) return because('tooLarge');
  const size = sizeOf(new DataView(await file.arrayBuffer()));
  if (size === undefined) return because('notPicture');
  const most = size.png ? pngPixels : jpegPixels;
  return size.width * size.height > most ? because('tooManyPixels', most) : undefined;
}

interface Size {
  width: number;
  height: number;
  png: boolean;
}

/** The dimensions in the header of a PNG or JPEG; undefined for anything else. */
export function sizeOf(bytes: DataView): Size | undefined {
  const isPng = bytes.byteLength >= 24 && bytes.getUint32(0) === 0x89504e47 && bytes.getUint32(4) === 0x0d0a1a0a;
  if (isPng) return { width: bytes.getUint32(16), height: bytes.getUint32(20), png: true };
  return bytes.byteLength >= 4 && bytes.getUint16(0) === 0xffd8 ? sizeOfJpeg(bytes) : undefined;
}

/** Goes from segment to segment until the frame's header, which has the size. */
function sizeOfJpeg(bytes: DataView): Size | undefined {
  for (let at = 2; at + 9 < bytes.byteLength; ) {
    if (bytes.getUint8(at) !== 0xff) return undefined;
    const marker = bytes.getUint8(at + 1);
    if (marker === 0xff) {
      at++; // Any number of these may stand before a marker.
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: bytes.getUint16(at + 7), height: bytes.getUint16(at + 5), png: false };
    at += 2 + bytes.getUint16(at + 2);
  }
  return undefined;
}

/** The chosen part of a picture, as a file of its own: of the same format, without what the camera noted. */
export async function cut(file: File, area: Area): Promise<File> {
  const picture = await createImageBitmap(file);
  const side = Math.max(1, Math.min(SIDE, Math.round(area.width)));
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, area.x, area.y, area.width, area.height, 0, 0, side, side);
  picture.close();
  const type = file.type === 'image/png' ? 'image/png' : 'image/jpeg';
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.9));
  if (blob === null) throw new Error('the picture could not be drawn');
  return new File([blob], type === 'image/png' ? 'avatar.png' : 'avatar.jpg', { type });
}
