//go:build azure

package app

// Azure's client is only for operators who keep their files there.
import _ "gocloud.dev/blob/azureblob" // azblob://
