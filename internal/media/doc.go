// Package media stores and serves what the back office uploads, avatars and attachments:
// the files in a folder or a bucket, and what is known of each in the database.
//
// The content of a file must be what its name says, or it is refused: pictures are decoded,
// the structure of videos is read, and only what belongs to the format is kept. The name of
// a file is random, except for samples, and whoever knows it may read the file. The same
// content gets the same name as long as the file exists, so a repeat costs nothing.
//
// Stream's API takes files of any kind (attach.go). What browsers can't show safely is a
// download. Each is a file of its own, which its owner can delete.
//
// It knows nothing about channels, except where their texts may name a file: the sweeper
// removes files that nothing names.
package media
