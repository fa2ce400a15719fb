// Package media stores and serves uploads of the back office, which are avatars and attachments:
// the files in a folder or a bucket, and their metadata in the database.
//
// The content of a file must match its name, or it is refused: pictures are decoded, the structure
// of videos is read, and only the parts that belong to the format are stored. A file's name is
// random, except for samples, and anybody who knows it may read the file. The same content gets the
// same name as long as the file exists, so a repeated upload costs nothing.
//
// Stream's API accepts files of any kind (attach.go). Those that browsers can't show safely are
// downloads. Each is a separate file, which its owner can delete.
//
// The package knows nothing about channels, except where their texts may refer to a file: the
// sweeper removes files that nothing refers to.
package media
