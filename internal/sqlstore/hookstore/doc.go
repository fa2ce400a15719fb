// Package hookstore has the SQL of webhooks, of their deliveries, and of which users are connected
// to which server. It has no rules: package delivery has them.
package hookstore
