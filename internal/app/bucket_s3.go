package app

// The drivers of buckets are linked here and nowhere else, so that a test that
// imports media or streamtest builds no cloud's client.
import _ "gocloud.dev/blob/s3blob" // s3://
