// Package media keeps what the back office uploads, avatars and attachments, and
// serves it: files in a folder or a bucket, what is known of each in the database.
//
// A file is what its content says, or it is refused: pictures are decoded, films
// are walked through, and only what belongs to the format is kept. The name of a
// file is random, samples aside, and knowing it is the right to read it. The same content gets
// the same name for as long as the file is there, so a repeat costs nothing.
//
// Files of any kind come over Stream's API (attach.go). What browsers can't show
// without harm is a download. Each is a file of its own, which its owner can delete.
//
// It knows nothing of channels but where their texts may name a file, for the
// sweeper, which removes what nothing names.
package media
