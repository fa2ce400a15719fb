// Package hookstore has the SQL of webhooks, of what they were told, and of who is connected
// to which server. It has no rules: package delivery has them.
package hookstore
