package chat

import "time"

// Limits on live locations.
const (
	MaxLocations      = 100 // live at a time, of one user
	MaxLocationDevice = 255 // characters
)

// Location is where a message says that its sender is. A live one changes until its
// end.
type Location struct {
	MessageID string
	CID       CID
	UserID    string
	Device    string  // what tells where it is
	Latitude  float64 // degrees
	Longitude float64
	EndAt     time.Time // zero for a place that stays
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Live reports whether a location may still change.
func (l Location) Live(at time.Time) bool { return l.EndAt.After(at) }

// Check says what is wrong with a location, or nil.
func (l Location) Check() error {
	switch {
	case !(l.Latitude >= -90 && l.Latitude <= 90): // not a number isn't either
		return Invalid("latitude", "latitude is from -90 to 90 degrees.")
	case !(l.Longitude >= -180 && l.Longitude <= 180):
		return Invalid("longitude", "longitude is from -180 to 180 degrees.")
	case longerThan(l.Device, MaxLocationDevice) || hasNUL(l.Device):
		return Invalid("created_by_device_id", "created_by_device_id has at most %d characters, none of them NUL.", MaxLocationDevice)
	}
	return nil
}
