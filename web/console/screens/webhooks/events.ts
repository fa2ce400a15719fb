/** The types of events that webhooks are told of. */
export const EVENTS = [
  'message.new', 'message.updated', 'message.deleted', 'reaction.new', 'reaction.deleted', 'message.read',
  'member.added', 'member.removed', 'member.updated', 'channel.created', 'channel.updated', 'channel.deleted', 'channel.truncated',
  'user.updated', 'user.banned', 'user.unbanned', 'user.muted', 'user.unmuted', 'user.flagged', 'message.flagged',
];
