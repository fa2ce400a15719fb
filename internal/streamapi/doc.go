// Package streamapi serves Stream's server-side REST API (version 2) over our own
// engine, so that services written for Stream's SDKs run against Backchannel by
// changing the base URL. docs/conformance.md lists the endpoints.
//
// It knows the paths and what each does; package wire has the forms of requests and answers.
// What is allowed and what happens is the engine's. It leaves out what is Stream's alone,
// such as video, feeds and moderation queues, and everything that customers' apps use.
package streamapi
