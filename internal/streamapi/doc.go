// Package streamapi serves Stream's server-side REST API (version 2) over our own engine, so that
// services written for Stream's SDKs run against Backchannel after a change of the base URL.
// docs/conformance.md lists the endpoints.
//
// This package has the paths and what each does. Package wire has the forms of requests and
// answers. Rules and effects are the engine's. Video, feeds, moderation queues and everything that
// customers' apps call are left out.
package streamapi
