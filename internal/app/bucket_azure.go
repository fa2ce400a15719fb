//go:build azure

package app

// Azure's client is for those who keep their files there.
import _ "gocloud.dev/blob/azureblob" // azblob://
