// Package chat has the vocabulary of Backchannel: channels, messages, users, roles, errors, and the
// [Provider] interface that every chat behind Backchannel implements. It also has the rules that
// need no I/O, such as the form of cids, names, file types and texts.
//
// It does no I/O and, except for package fold, imports only the standard library.
package chat
