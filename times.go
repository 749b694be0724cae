package quickbi

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// TimeText is a moment as text, such as "2021-03-15 17:13:55". The text has no zone.
// The documentation states one, UTC+8, only for [AccelerationLog]: give the zone to
// [TimeText.In]. "" means that there is none.
type TimeText string

// ChinaTime is UTC+8.
var ChinaTime = time.FixedZone("UTC+8", 8*60*60)

// timeTextLayouts are the known forms; a fraction of a second may follow.
var timeTextLayouts = [...]string{time.DateTime, "20060102 15:04:05", "2006/01/02 15:04:05", time.DateOnly, compactDay, time.RFC3339}

// TimeTextOf returns t, in its own zone, in the form "2006-01-02 15:04:05"; "" for the zero time.
func TimeTextOf(t time.Time) TimeText {
	if t.IsZero() {
		return ""
	}
	return TimeText(t.Format(time.DateTime))
}

// In returns the moment of the text in the zone loc; nil is UTC. It reads all forms
// that the service documents. It also reads a text with a zone of its own, and
// milliseconds since 1970, which do not depend on loc. For "" it returns the zero
// time.
func (t TimeText) In(loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	text := strings.TrimSpace(string(t))
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range timeTextLayouts {
		if moment, err := time.ParseInLocation(layout, text, loc); err == nil {
			return moment, nil
		}
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > len(compactDay) {
		return UnixMilli(n).Time().In(loc), nil
	}
	return time.Time{}, fmt.Errorf("quickbi: %q is not a time in a known form", text)
}

// IsZero reports whether the text is empty.
func (t TimeText) IsZero() bool { return t == "" }

// String returns the text.
func (t TimeText) String() string { return string(t) }

const compactDay = "20060102"

// Day is a day of the calendar, such as "2099-12-31" or "20991231". A request sends it
// in the form that the operation documents, and is refused if it is not a day.
type Day string

// DayOf returns the day of t in its own zone; "" for the zero time.
func DayOf(t time.Time) Day {
	if t.IsZero() {
		return ""
	}
	return Day(t.Format(time.DateOnly))
}

// In returns the start of the day in the zone loc; nil is UTC.
func (d Day) In(loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	for _, layout := range [...]string{time.DateOnly, compactDay} {
		if t, err := time.ParseInLocation(layout, string(d), loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("quickbi: %q is not a day such as 2099-12-31", string(d))
}

// String returns the text.
func (d Day) String() string { return string(d) }
