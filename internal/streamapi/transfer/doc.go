// Package transfer copies a chat between an app of hosted Stream and our own engine, in either
// direction, and compares the two. It uses Stream's API for both, and removes nothing.
package transfer
