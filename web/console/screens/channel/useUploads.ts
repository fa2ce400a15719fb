import { useCallback, useEffect, useRef, useState } from 'react';

import { extensionOf, FILMS, PICTURES } from './draft.ts';
import { upload, UploadRefused, type Uploaded } from './upload.ts';

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
  file: File;
  abort: AbortController;
  begun: boolean;
}

let last = 0;

/** Files on their way to the server, two at a time; each is handed over once it is there. */
export function useUploads(onDone: (file: File, uploaded: Uploaded) => void) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const jobs = useRef<Job[]>([]);
  const done = useRef(onDone);
  done.current = onDone;

  const show = useCallback(() => {
    setUploads(jobs.current.map(({ id, name, size, progress, refused }) => ({ id, name, size, progress, refused })));
  }, []);

  const work = useCallback(() => {
    const running = jobs.current.filter(({ begun, refused }) => begun && refused === undefined).length;
    for (const job of jobs.current.filter(({ begun }) => !begun).slice(0, Math.max(AT_ONCE - running, 0))) {
      job.begun = true;
      const progress = (share: number) => {
        job.progress = share;
        show();
      };
      upload(job.file, progress, job.abort.signal).then(
        (uploaded) => {
          jobs.current = jobs.current.filter((each) => each !== job);
          done.current(job.file, uploaded);
          show();
          work();
        },
        (error: unknown) => {
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
        const known = [...PICTURES, ...FILMS].includes(extensionOf(file.name));
        const refused = known ? undefined : new UploadRefused('FILE_TYPE_NOT_SUPPORTED', '');
        const { name, size } = file;
        jobs.current.push({ id: ++last, name, size, progress: 0, refused, file, abort: new AbortController(), begun: !known });
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
      for (const job of jobs.current) {
        if (job.id === id) Object.assign(job, { refused: undefined, progress: 0, begun: false, abort: new AbortController() });
      }
      work();
    },
    [work],
  );

  useEffect(() => () => jobs.current.forEach(({ abort }) => abort.abort()), []);
  return { uploads, add, remove, again };
}
