import { Gamepad2, Hash, MessageCircle, Radio, ShoppingBag, UsersRound, type LucideIcon } from 'lucide-react';

const ICONS: Record<string, LucideIcon | undefined> = { livestream: Radio, messaging: MessageCircle, team: UsersRound, gaming: Gamepad2, commerce: ShoppingBag };

/** A channel's type at a glance; the word stands beside it. */
export function TypeIcon({ type, size = 14 }: { type: string; size?: number }) {
  const Icon = ICONS[type] ?? Hash;
  return <Icon size={size} aria-hidden />;
}
