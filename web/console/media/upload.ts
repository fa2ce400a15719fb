import { session } from '../auth/session.ts';
import { tokenRefused } from '../graphql/client.ts';
import { reasonIn, UploadRefused } from './refusal.ts';

/** What POST /media answers. */
export interface Uploaded {
  filename: string;
  url: string;
  kind: 'image' | 'video';
  contentType: string;
  size: number;
  width?: number;
  height?: number;
  thumbnailUrl?: string;
}

const PATIENCE = 120_000; // A connection that went silent would else be waited for without an end.

interface Refusal {
  errors?: { message?: string; extensions?: { code?: string; reason?: string; limit?: number; found?: string } }[];
}

/** Sends a file, telling its progress from 0 to 1. XMLHttpRequest, since fetch tells of none. */
export async function upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
  const token = await session.fresh();
  if (signal.aborted) throw new UploadRefused('ABORTED', '');
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/media');
    request.setRequestHeader('Authorization', `Bearer ${token ?? ''}`);
    request.upload.addEventListener('progress', ({ lengthComputable, loaded, total }) => {
      if (lengthComputable && total > 0) progress(loaded / total);
    });
    let silence: ReturnType<typeof setTimeout>;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        reject(new UploadRefused('NETWORK', ''));
        request.abort();
      }, PATIENCE);
    };
    heard();
    request.upload.addEventListener('progress', heard);
    request.addEventListener('loadend', () => clearTimeout(silence));
    request.addEventListener('load', () => {
      const uploaded = read(request);
      if (request.status === 401 && token !== null) void tokenRefused(token);
      if (uploaded instanceof UploadRefused) reject(uploaded);
      else resolve(uploaded);
    });
    request.addEventListener('error', () => reject(new UploadRefused('NETWORK', '')));
    request.addEventListener('abort', () => reject(new UploadRefused('ABORTED', '')));
    signal.addEventListener('abort', () => request.abort());
    const form = new FormData();
    form.append('file', file);
    request.send(form);
  });
}

function read({ status, responseText }: XMLHttpRequest): Uploaded | UploadRefused {
  let answer: unknown;
  try {
    answer = JSON.parse(responseText);
  } catch {
    return new UploadRefused(status === 404 || status === 405 ? 'MISSING' : 'INTERNAL', '');
  }
  if (status >= 200 && status < 300) return answer as Uploaded;
  const first = (answer as Refusal).errors?.[0];
  const extensions = first?.extensions;
  return new UploadRefused(extensions?.code ?? 'INTERNAL', first?.message ?? '', reasonIn(extensions), extensions?.limit, extensions?.found);
}
