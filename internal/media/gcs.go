//go:build gcs

package media

// Google Cloud Storage comes with a build tag: its client takes a gigabyte of modules
// to build, and 30 MB of the binary.
import _ "gocloud.dev/blob/gcsblob" // gs://
