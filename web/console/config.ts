/** As the server has them, so that the page refuses no picture that the server takes. */
export interface PictureBounds {
  bytes: number;
  jpegPixels: number;
  pngPixels: number;
}

/** What the server tells the console about itself, at /console/config.json. */
export interface Config {
  /** Started with --dev. */
  dev: boolean;
  /** The most that a picture may have. */
  pictures: PictureBounds;
  /** Whose pictures and videos may be shown, besides our own. */
  picturesFrom: readonly string[];
  /** Where users sign in; absent where a token is all there is. */
  oidc?: { issuer: string; clientId: string; scope: string; audience?: string; resource?: string; token: 'access' | 'id'; origin?: string };
}

/** Never fails: a server that cannot be reached is the sign-in page's and the banner's business. */
export async function loadConfig(): Promise<Config> {
  try {
    const response = await fetch('/console/config.json', { cache: 'no-store' });
    if (response.ok) return (await response.json()) as Config;
  } catch {
    // Falls through.
  }
  return { dev: false, pictures: { bytes: 20 << 20, jpegPixels: 100_000_000, pngPixels: 30_000_000 }, picturesFrom: [] };
}
