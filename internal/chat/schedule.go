package chat

import "time"

// Schedule is a time of day in a place. What it means in UTC is computed whenever it is
// asked for, so that it stays the same on the clock there if the rules change.
type Schedule struct {
	Local string // as LocalTime has it; "" for at once
	Zone  string // an IANA name, e.g. Europe/Berlin
}

// LocalTime is the form of a local time.
const LocalTime = "2006-01-02T15:04"

// ParseSchedule reads a local time and an IANA zone.
func ParseSchedule(local, zone string) (Schedule, *Error) {
	if _, err := time.Parse(LocalTime, local); err != nil {
		return Schedule{}, Invalid("localTime", "Give a date and time without a zone, e.g. 2026-12-01T08:00.")
	}
	// An empty name would mean UTC, and Local this machine's zone.
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return Schedule{}, Invalid("zone", "Give a time zone by its IANA name, e.g. Europe/Berlin.")
	}
	return Schedule{Local: local, Zone: zone}, nil
}

// Due is the moment that the schedule means. A time that a change of the clock skips means
// the first valid one after it; of a time that occurs twice it is the first. It is zero if
// there is no schedule.
func (s Schedule) Due() time.Time {
	if s.Local == "" {
		return time.Time{}
	}
	wall, err := time.Parse(LocalTime, s.Local)
	zone, bad := time.LoadLocation(s.Zone)
	if err != nil || bad != nil {
		return time.Time{} // it was checked
	}
	// Offsets are at most 15 hours, so these periods have every moment that may be meant.
	for t := wall.Add(-15 * time.Hour).In(zone); ; {
		_, offset := t.Zone()
		begin, end := t.ZoneBounds()
		moment := wall.Add(-time.Duration(offset) * time.Second)
		switch {
		case !begin.IsZero() && moment.Before(begin): // skipped: the clock was put forward here
			return begin.UTC()
		case end.IsZero() || moment.Before(end):
			return moment
		}
		t = end
	}
}
