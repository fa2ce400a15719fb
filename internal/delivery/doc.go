// Package delivery delivers events to webhooks according to the Standard Webhooks specification: at
// least once, and in order for each log. It stores how far each webhook has received each log
// ([hookstore.LogPosition]), and rows only for failed deliveries. So nothing is stored for a
// delivery when the event happens, and a crash loses none.
//
// Only the server that holds a webhook's lease delivers to it. While a delivery is retried, later
// ones of the same log wait, and other logs continue.
//
// The provider supplies the logs ([Options]). The package doesn't know what events mean.
package delivery
