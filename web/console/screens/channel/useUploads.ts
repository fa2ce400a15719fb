import { useCallback, useEffect, useRef, useState } from 'react';

import { storage } from '../../storage.ts';
import { session } from '../../auth/session.ts';
import { UploadRefused } from '../../media/refusal.ts';
import { upload, type Uploaded } from '../../media/upload.ts';
import { extensionOf, VIDEOS, PICTURES } from './draft.ts';

const AT_ONCE = 2;

export interface Upload {
  id: number;
  name: string;
  size: number;
  /** From 0 to 1. */
  progress: number;
  /** Why it was not taken; undefined while it is on its way. */
  refused: UploadRefused | undefined;
}

interface Job extends Upload {
  /** Undefined after a reload, which only its name outlasts. */
  file: File | undefined;
  abort: AbortController;
  begun: boolean;
}

let last = 0;

/**
 * Files on their way to the server, two at a time; each is handed over once it is
 * there. With a place, those that are not there yet go on when one comes back to
 * it, and after a reload their names say what is to be attached again.
 */
export function useUploads(onDone: (file: File, uploaded: Uploaded) => void, place?: string) {
  const [found] = useState(() => (place === undefined ? [] : leftAt(place)));
  const jobs = useRef<Job[]>(found);
  const [uploads, setUploads] = useState<readonly Upload[]>(found);
  const gone = useRef(false);
  const done = useRef(onDone);
  done.current = onDone;

  const show = useCallback(() => {
    if (gone.current) return;
    setUploads(jobs.current.map(({ id, name, size, progress, refused }) => ({ id, name, size, progress, refused })));
    if (place !== undefined) keepNames(place, jobs.current);
  }, [place]);

  const work = useCallback(() => {
    const running = jobs.current.filter(({ begun, refused }) => begun && refused === undefined).length;
    for (const job of jobs.current.filter(({ begun }) => !begun).slice(0, Math.max(AT_ONCE - running, 0))) {
      const { file } = job;
      if (file === undefined) continue;
      job.begun = true;
      const progress = (share: number) => {
        job.progress = share;
        show();
      };
      upload(file, progress, job.abort.signal).then(
        (uploaded) => {
          jobs.current = jobs.current.filter((each) => each !== job);
          done.current(file, uploaded);
          show();
          work();
        },
        (error: unknown) => {
          if (gone.current) return;
          job.refused = error instanceof UploadRefused ? error : new UploadRefused('INTERNAL', String(error));
          show();
          work();
        },
      );
    }
    show();
  }, [show]);

  const add = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        // What the name tells need not be uploaded to be refused.
        const known = [...PICTURES, ...VIDEOS].includes(extensionOf(file.name));
        const refused = known ? undefined : new UploadRefused('FILE_TYPE_NOT_SUPPORTED', '');
        jobs.current.push({ ...jobOf(file.name, file), refused, begun: !known });
      }
      work();
    },
    [work],
  );

  const remove = useCallback(
    (id: number) => {
      jobs.current.find((job) => job.id === id)?.abort.abort();
      jobs.current = jobs.current.filter((job) => job.id !== id);
      work();
    },
    [work],
  );

  const again = useCallback(
    (id: number) => {
      for (const job of jobs.current) if (job.id === id) Object.assign(job, jobOf(job.name, job.file), { id });
      work();
    },
    [work],
  );

  useEffect(() => {
    gone.current = false;
    if (place !== undefined) left.delete(place);
    work();
    return () => {
      gone.current = true;
      for (const { abort } of jobs.current) abort.abort();
      if (place !== undefined) leave(place, jobs.current);
    };
  }, [place, work]);
  return { uploads, add, remove, again };
}

const jobOf = (name: string, file: File | undefined): Job => ({
  id: ++last,
  name,
  size: file?.size ?? 0,
  progress: 0,
  refused: undefined,
  file,
  abort: new AbortController(),
  begun: false,
});

/** Files that were not there yet when their place was left. */
const left = new Map<string, Job[]>();

function leave(place: string, jobs: readonly Job[]): void {
  // Who signs out at will wants to leave nothing behind; whose token runs out comes back.
  if (session.state.token === null && session.state.reason === undefined) return left.clear();
  left.set(place, jobs.map((job) => (isForGood(job) ? job : jobOf(job.name, job.file))));
  keepNames(place, jobs);
}

function leftAt(place: string): Job[] {
  const kept = left.get(place);
  if (kept !== undefined) return [...kept];
  try {
    const names = JSON.parse(storage.getItem(keyOf(place)) ?? '[]') as string[];
    return names.map((name) => ({ ...jobOf(name, undefined), refused: new UploadRefused('INTERRUPTED', ''), begun: true }));
  } catch {
    return [];
  }
}

function keepNames(place: string, jobs: readonly Job[]): void {
  const names = jobs.filter((job) => job.file === undefined || !isForGood(job)).map(({ name }) => name);
  if (names.length === 0) return storage.removeItem(keyOf(place));
  try {
    storage.setItem(keyOf(place), JSON.stringify(names));
  } catch {
    // The tab's storage is full: they are then known as long as the page lasts.
  }
}

/** Whether a file was refused for what it is, which another try would not change. */
const isForGood = ({ refused }: Job): boolean => refused !== undefined && ['FILE_TYPE_NOT_SUPPORTED', 'INVALID_ARGUMENTS', 'INTERRUPTED'].includes(refused.code);

const keyOf = (place: string) => `channel-files:${place}`;
