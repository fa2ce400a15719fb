package app

// The drivers of buckets are linked only here, so that a test that imports media or
// streamtest doesn't build a cloud's client.
import _ "gocloud.dev/blob/s3blob" // s3://
