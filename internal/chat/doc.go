// Package chat is the vocabulary of Backchannel: channels, messages, users, roles, errors,
// and the [Provider] port that every chat behind Backchannel implements. It also has the
// rules that need no I/O: what a cid, a name, a file type or a text may look like.
//
// It does no I/O and imports nothing beyond the standard library.
package chat
