// Package chat is the vocabulary of Backchannel: channels, messages, users,
// roles, errors, and the [Provider] port that every chat behind Backchannel
// implements. The rules that need no I/O live here too: what a cid, a name, a
// file type or a text may look like.
//
// It does no I/O and imports nothing beyond the standard library.
package chat
