// Package transfer copies a chat between an app of hosted Stream and our own engine,
// either way, and compares the two. It speaks Stream's API to both sides, and removes
// nothing.
package transfer
