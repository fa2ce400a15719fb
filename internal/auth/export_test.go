package auth

// Forget empties the cache of verified tokens.
func (v *Verifier) Forget() { v.cache.Purge() }

// RolesAt reads roles as Verify does.
func RolesAt(claims map[string]any, path string) []string {
	claim, _ := claimAt(claims, path)
	return rolesIn(claim)
}
