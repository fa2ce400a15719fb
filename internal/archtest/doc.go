// Package archtest contains only tests. They check what the documents say about the project's
// structure: which package imports which, that each package has a comment, and that ARCHITECTURE.md
// names only things that exist.
package archtest
