// Package delivery tells webhooks of events, by the Standard Webhooks specification: at
// least once, and in order for each log. It keeps for each webhook how far it was told of
// each log ([hookstore.LogPosition]), and rows only for what failed. So a delivery needs
// nothing stored when the event happens, and none is lost by a crash.
//
// One server sends to a webhook: the one that holds its lease. While a delivery is tried
// again, later ones of its log wait, and other logs go on.
//
// The provider says where logs are ([Options]). The package doesn't know what events mean.
package delivery
