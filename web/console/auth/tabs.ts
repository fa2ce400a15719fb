const PRESENT = 'backchannel:present';
const LONGEST_WAIT = 3_000; // for tabs that the browser has frozen

type Note = { asks: string } | { answers: string; found?: string };

/**
 * What the tabs of one browser tell each other of refresh tokens. A duplicated tab begins with the same
 * one, and most issuers take it for stolen if both use it: so who is to use one asks the others first.
 */
export class Tabs {
  readonly #channel = new BroadcastChannel('backchannel:renewal');
  readonly #used = new Set<string>();
  /** What the last one was used for. */
  #newest = '';
  #gone = () => {};

  constructor() {
    // Held as long as the tab lives: others count these locks to know how many answers will come.
    void navigator.locks.request(PRESENT, { mode: 'shared' }, () => new Promise<void>((resolve) => (this.#gone = resolve)));
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Note>) => {
      if (!('asks' in data)) return;
      const note: Note = { answers: data.asks, ...(this.#used.has(data.asks) && { found: this.#newest }) };
      this.#channel.postMessage(note);
    });
  }

  /** What another tab got for a refresh token; undefined if none has used it. Only one tab may ask at a time. */
  async ask(token: string): Promise<string | undefined> {
    const { held = [] } = await navigator.locks.query();
    let silent = held.filter(({ name }) => name === PRESENT).length - 1;
    if (silent <= 0) return undefined;
    return new Promise((resolve) => {
      const done = (found?: string) => {
        clearTimeout(timer);
        this.#channel.removeEventListener('message', hear);
        resolve(found);
      };
      const timer = setTimeout(done, LONGEST_WAIT);
      const hear = ({ data }: MessageEvent<Note>) => {
        if (!('answers' in data) || data.answers !== token) return;
        silent--;
        if (data.found !== undefined || silent === 0) done(data.found);
      };
      this.#channel.addEventListener('message', hear);
      this.#channel.postMessage({ asks: token } satisfies Note);
    });
  }

  /** Notes what a refresh token was used for. */
  used(token: string, got: string): void {
    this.#used.add(token);
    this.#newest = got;
  }

  close(): void {
    this.#gone();
    this.#channel.close();
  }
}
