// Backchannel is the chat back office for a CRM: one binary with a GraphQL API
// for the people who run the chat that customers use. internal/app has the
// commands.
package main

import (
	"context"
	"os"
	_ "time/tzdata" // announcements are scheduled in zones that the machine may not know

	"backchannel/internal/app"
)

func main() {
	os.Exit(app.Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
