package app

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func (f storageFlags) secretFile() string { return filepath.Join(f.Data, "jwt-secret") }

// keptSecret reads the secret stored for development, "" if there is none.
func (f storageFlags) keptSecret() (string, error) {
	text, err := os.ReadFile(f.secretFile())
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the kept secret: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// keepSecret reads the stored secret, or generates one. If two servers do so at the same time, the
// second uses the first one's.
func (f storageFlags) keepSecret() (string, error) {
	if secret, err := f.keptSecret(); secret != "" || err != nil {
		return secret, err
	}
	if err := os.MkdirAll(f.Data, 0o700); err != nil {
		return "", fmt.Errorf("making the data folder (--data, BACKCHANNEL_DATA): %w", err)
	}
	fresh := filepath.Join(f.Data, "jwt-secret."+rand.Text())
	if err := os.WriteFile(fresh, []byte(rand.Text()+rand.Text()+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keeping a generated secret: %w", err)
	}
	defer func() { _ = os.Remove(fresh) }()
	if err := os.Link(fresh, f.secretFile()); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("keeping a generated secret: %w", err)
	}
	return f.keptSecret()
}
