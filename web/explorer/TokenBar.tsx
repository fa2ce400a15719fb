import { useEffect, useState, type FormEvent } from 'react';

import { cleanToken, readHolder, type Holder } from '../shared/token.ts';

interface Props {
  token: string | null;
  onSignIn(token: string): void;
  onSignOut(): void;
}

/** Says who is signed in; asks for a token where there is none, or none that still holds. */
export function TokenBar({ token, onSignIn, onSignOut }: Props) {
  const now = useNow(15_000);
  const holder = token === null ? undefined : readHolder(token);
  const expired = holder?.expires !== undefined && holder.expires.getTime() <= now;
  const usable = holder !== undefined && !expired;

  return (
    <header className="bc-bar">
      <span className="bc-brand">
        <img src="./icon.svg" alt="" width="24" height="24" />
        <span className="bc-title">
          Backchannel <span className="bc-dim bc-wide">explorer</span>
        </span>
      </span>
      <div className="bc-session">
        {usable ? <Identity holder={holder} now={now} /> : <TokenForm reason={reason(token, holder)} onSignIn={onSignIn} />}
        {token !== null && (
          <button type="button" className="bc-button" onClick={onSignOut}>
            Sign out
          </button>
        )}
      </div>
    </header>
  );
}

function reason(token: string | null, holder: Holder | undefined): string {
  if (token === null) return 'Not signed in';
  return holder === undefined ? 'Not a JWT' : 'Token expired';
}

function Identity({ holder, now }: { holder: Holder; now: number }) {
  return (
    <span className="bc-identity" role="status">
      <span className="bc-name" title={holder.id === '' ? 'The token names no subject (sub)' : `User id: ${holder.id}`}>
        {holder.name || 'No name'}
      </span>
      {holder.id !== holder.name && holder.id !== '' && <span className="bc-dim bc-id">{holder.id}</span>}
      {holder.roles.map((role) => (
        <span key={role} className="bc-role">
          {role}
        </span>
      ))}
      {holder.expires !== undefined && (
        <time className="bc-dim bc-wide" dateTime={holder.expires.toISOString()} title={holder.expires.toLocaleString()}>
          {timeLeft(holder.expires.getTime() - now)}
        </time>
      )}
    </span>
  );
}

function TokenForm({ reason, onSignIn }: { reason: string; onSignIn(token: string): void }) {
  const [text, setText] = useState('');
  const [refused, setRefused] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (readHolder(cleanToken(text)) === undefined) setRefused(true);
    else onSignIn(text);
  };

  return (
    <form className="bc-form" onSubmit={submit}>
      <span className="bc-reason" role="status">
        {refused ? 'That is no JWT' : reason}
      </span>
      <input
        className="bc-input"
        aria-label="Token"
        aria-invalid={refused}
        placeholder="Paste a token (JWT)"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setRefused(false);
        }}
      />
      <button type="submit" className="bc-button bc-primary" disabled={text.trim() === ''}>
        Use
      </button>
    </form>
  );
}

/** The time, refreshed often enough for a bar that speaks in minutes. */
function useNow(everyMilliseconds: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMilliseconds);
    return () => clearInterval(timer);
  }, [everyMilliseconds]);
  return now;
}

function timeLeft(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  if (minutes < 60) return `${minutes} min left`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h left`;
  return `${Math.floor(hours / 24)} days left`;
}
