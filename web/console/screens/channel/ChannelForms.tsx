import { useCallback, useMemo } from 'react';
import { useLocation } from 'wouter';

import { placeOf } from '../../shell/place.ts';
import { useActions } from '../channels/actions.ts';
import { ChannelDrawer } from '../channels/ChannelDrawer.tsx';
import { DeleteDialog } from '../channels/DeleteDialog.tsx';
import type { ListedChannelFragment } from '../channels/channels.generated.ts';
import { place } from '../channels/place.ts';
import { patched, rowOf } from '../channels/rows.ts';
import { useFreeze, useTellSaved } from '../channels/useChanges.ts';
import type { Head } from './useConversation.ts';

interface Props {
  head: Head;
  form: 'channel' | 'deletion';
  onForm(form: Props['form']): void;
  onChanged(): void;
  onClose(): void;
}

/** The forms of the list of channels, for the channel that is shown. */
export function ChannelForms({ head, form, onForm, onChanged, onClose }: Props) {
  const [, navigate] = useLocation();
  const row = useMemo(() => rowOf(head), [head]);
  // The list is told too, so that it shows what is so when one comes back.
  const patch = useCallback(
    (changed: readonly ListedChannelFragment[], gone: readonly string[]) => {
      place.rows = place.rows && patched(place.rows, changed.map(rowOf), new Set(gone));
      onChanged();
    },
    [onChanged],
  );
  const chosen = useMemo(() => ({ rows: [row], matching: undefined }), [row]);
  const actions = useActions({ rows: undefined, patch });
  const tellSaved = useTellSaved();
  const freeze = useFreeze(actions);
  if (form === 'deletion') {
    const onGone = (cids: readonly string[]) => {
      place.rows = place.rows && patched(place.rows, [], new Set(cids));
      navigate(placeOf('/channels'), { replace: true });
    };
    return <DeleteDialog of={chosen} hidden={0} actions={actions} onGone={onGone} onClose={onClose} />;
  }
  return (
    <ChannelDrawer
      row={row}
      actions={actions}
      onSaved={(saved, name) => {
        onClose();
        tellSaved(row, saved, name);
      }}
      onFreeze={() => freeze([row], !row.frozen)}
      onDelete={() => onForm('deletion')}
      onClose={onClose}
    />
  );
}
