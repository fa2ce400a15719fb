// Package archtest holds no code, only tests that keep what the documents
// promise of the project's shape: which package imports which, that each says
// what it is, and that ARCHITECTURE.md names things that exist.
package archtest
