package chat

import (
	"slices"
	"time"
)

// MaxDevices is how many devices a user may have; the oldest make room.
const MaxDevices = 25

// Device is where a user is to be told of news. The JSON names are the database's.
type Device struct {
	ID         string    `json:"-"`
	UserID     string    `json:"-"`
	CreatedAt  time.Time `json:"-"`
	Provider   string    `json:"push_provider"`
	Name       string    `json:"push_provider_name,omitempty"`
	HardwareID string    `json:"hardware_id,omitempty"`
	VoIP       bool      `json:"voip,omitempty"`
}

// Check says what is wrong with a device, or nil.
func (d Device) Check() *Error {
	switch {
	case d.ID == "" || longerThan(d.ID, MaxNameLength) || hasControl(d.ID):
		return Invalid("id", "The id of a device has 1 to %d characters, none of them a control character.", MaxNameLength)
	case !slices.Contains([]string{"apn", "firebase", "huawei", "xiaomi"}, d.Provider):
		return Invalid("push_provider", `push_provider is "apn", "firebase", "huawei" or "xiaomi".`)
	case longerThan(d.Name+d.HardwareID, MaxNameLength) || hasNUL(d.Name+d.HardwareID):
		return Invalid("hardware_id", "push_provider_name and hardware_id are too long.")
	}
	return nil
}
