//go:build gcs

package app

// Google's client takes a gigabyte of modules to build, and 30 MB of the binary.
import _ "gocloud.dev/blob/gcsblob" // gs://
