package auth_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"backchannel/internal/auth"
)

func ExampleVerifier_Verify() {
	const secret = "thirty-two random bytes, or more of them"
	token, err := auth.Mint(secret, auth.Grant{Subject: "alice", Name: "Alice", Roles: []string{"BO"}, TTL: time.Hour})
	if err != nil {
		panic(err)
	}
	verifier, err := auth.New(context.Background(), auth.Config{Secret: secret})
	if err != nil {
		panic(err)
	}
	caller, err := verifier.Verify(auth.BearerToken("Bearer " + token))
	fmt.Println(caller.ID, caller.Has("BO"), err)
	_, err = verifier.Verify(token + "x")
	fmt.Println(errors.Is(err, auth.ErrBad))
	// Output:
	// alice true <nil>
	// true
}
