package auditing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/quickbi-go/quickbi/internal/atomicfile"
	"github.com/quickbi-go/quickbi/internal/lockfile"
	"github.com/quickbi-go/quickbi/internal/planfile"
)

// ErrInUse is matched by the error of [Exporter.Export] if another export to the
// directory is under way, in this process or in another.
var ErrInUse = errors.New("another export to the directory is under way")

// lockName is the name of the file that is locked during an export.
const lockName = ".lock"

// ManifestName is the name of the manifest in a directory of [Exporter.Export].
const ManifestName = "manifest.json"

const (
	manifestFormat  = "quickbi audit manifest"
	manifestVersion = 1
)

// A Manifest says what a directory has.
type Manifest struct {
	Kind         string    `json:"kind"`
	Version      int       `json:"version"`
	Organization string    `json:"organization"` // id; "" of one without workspaces
	Format       Format    `json:"format"`
	Started      time.Time `json:"started"`           // of the last run
	Finished     time.Time `json:"finished,omitzero"` // zero: it was interrupted

	// Through is the watermark of each log: the last day that has been exported,
	// such as "2026-03-31". The next run begins with the day after it.
	Through map[Table]string `json:"through"`

	Files []File `json:"files"` // in the order in which they were written
	Gaps  []Gap  `json:"gaps"`  // in what the files have; the gap of a file has its Table and Day
}

// A File is a table, or a day of a log.
type File struct {
	Name  string `json:"name"`
	Table Table  `json:"table"`
	Day   string `json:"day"` // of the log; of other tables, on which the run began
	Summary
	Size    int64     `json:"size"` // bytes
	SHA256  string    `json:"sha256"`
	Written time.Time `json:"written"`
}

// Export brings a directory up to date, and makes it if it is not there. It writes
// a file for each day of a log that has ended since the run before and a file
// with the day's date for each other table, and keeps a [Manifest] of them:
//
//	access-log-2026-03-31.csv
//	members-2026-04-01.csv
//	manifest.json
//
// Without tables, it exports all of them. A file has its name only when it is
// complete. After an interruption, the next run on the same day goes on with what
// the last one has not written. Lines of a log are neither lost nor repeated,
// because only whole days are exported: with a gap, if part of a day cannot be
// read, and with a gap for days that are older than the service's logs.
//
// Write errors and failing calls end a run. That the service refuses a table is a
// gap.
//
// A directory is for one export at a time: another one ends at once with [ErrInUse].
// The lock is a file called .lock. The system takes the lock away from a process that
// ends, however that happens. On systems other than Unix and Windows, there is none.
func (e Exporter) Export(ctx context.Context, dir string, format Format, tables ...Table) (*Manifest, error) {
	e, err := e.withDefaults()
	if err != nil {
		return nil, err
	}
	if dir == "" {
		return nil, errors.New("auditing: the directory is missing")
	}
	if len(tables) == 0 {
		tables = Tables()
	}
	for _, table := range tables {
		if err := check(table, format); err != nil {
			return nil, err
		}
	}
	first, last, err := e.days()
	if err != nil {
		return nil, err
	}
	organization, err := planfile.Organization(ctx, e.Client)
	if err != nil {
		return nil, fmt.Errorf("auditing: finding out which organization this is: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("auditing: %w", err)
	}
	release, err := lockfile.Acquire(filepath.Join(dir, lockName))
	if errors.Is(err, lockfile.ErrHeld) {
		return nil, fmt.Errorf("auditing: %w: %s", ErrInUse, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("auditing: %w", err)
	}
	defer func() { _ = release() }() // nothing was written to it
	m, err := ReadManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		m, err = &Manifest{
			Kind: manifestFormat, Version: manifestVersion, Organization: organization, Format: format,
			Through: make(map[Table]string), Files: []File{}, Gaps: []Gap{},
		}, nil
	}
	switch {
	case err != nil:
		return nil, err
	case m.Format != format:
		return nil, fmt.Errorf("auditing: %s has tables as %s, not %s", dir, m.Format, format)
	case m.Organization != organization && m.Organization != "":
		return nil, fmt.Errorf("auditing: %s is the export of another organization: of %q, and this is %q", dir, m.Organization, organization)
	}
	m.Organization = organization
	r := &run{export: newExport(e), dir: dir, manifest: m}
	return m, r.run(ctx, tables, first, last)
}

// days returns the first and the last day of the logs that a run may export.
func (e Exporter) days() (first, last day, err error) {
	today := e.today()
	first, to := today.AddDate(0, 0, -logDays), today
	if !e.From.IsZero() {
		first = dayOf(e.From)
	}
	if !e.To.IsZero() {
		to = dayOf(e.To)
	}
	if err := e.checkDays(first, to); err != nil {
		return first, to, err
	}
	if complete := dayOf(e.now().Add(-e.Lag).In(e.ServiceZone)).AddDate(0, 0, -1); complete.Before(to) {
		to = complete
	}
	return first, to, nil
}

// ReadManifest reads the manifest of a directory.
func ReadManifest(dir string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return nil, fmt.Errorf("auditing: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("auditing: reading %s of %s: %w", ManifestName, dir, err)
	}
	if m.Kind != manifestFormat || m.Version != manifestVersion {
		return nil, fmt.Errorf("auditing: %s of %s is a %q of version %d, and this program knows a %q of version %d",
			ManifestName, dir, m.Kind, m.Version, manifestFormat, manifestVersion)
	}
	if m.Through == nil {
		m.Through = make(map[Table]string)
	}
	return &m, nil
}

// Verify returns an error for each file of the manifest that is not in the
// directory as it was written.
func (m *Manifest) Verify(dir string) error {
	var errs []error
	for _, file := range m.Files {
		if err := file.verify(dir); err != nil {
			errs = append(errs, fmt.Errorf("auditing: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (f File) verify(dir string) error {
	file, err := os.Open(filepath.Join(dir, filepath.Base(f.Name)))
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s is not as it was written", f.Name)
	}
	return nil
}

// run is one Export.
type run struct {
	*export
	dir      string
	manifest *Manifest
}

func (r *run) run(ctx context.Context, tables []Table, first, last day) error {
	m, now := r.manifest, r.now().UTC()
	resumed := m.Finished.IsZero() && dayOf(m.Started.In(r.Zone)).Equal(dayOf(now.In(r.Zone)))
	if !resumed {
		m.Started, m.Finished = now, time.Time{}
	}
	if err := r.save(); err != nil { // found out before anything is read
		return err
	}
	if err := r.clean(); err != nil {
		return err
	}
	for _, table := range Tables() {
		if !slices.Contains(tables, table) {
			continue
		}
		var err error
		var day string // "": the next run begins with the day of the log that is refused
		if table.IsLog() {
			err = r.log(ctx, table, first, last)
		} else if day = dayOf(m.Started.In(r.Zone)).Format(time.DateOnly); !resumed || !m.has(table, day) {
			err = r.file(ctx, table, day)
		}
		if isRefusal(err) {
			m.refuse(Gap{Table: table, Day: day, Reason: err.Error(), Err: err})
			err = r.save()
		}
		if err != nil {
			return err
		}
	}
	m.Finished = r.now().UTC()
	return r.save()
}

// clean removes what a run that was killed has left behind.
func (r *run) clean() error {
	for _, name := range append(Tables(), ManifestName) {
		if err := atomicfile.Clean(r.dir, string(name)+"-"); err != nil {
			return fmt.Errorf("auditing: removing what the last run left: %w", err)
		}
	}
	return nil
}

// log exports the days of a log after the watermark.
func (r *run) log(ctx context.Context, table Table, first, last day) error {
	m := r.manifest
	from, oldest := first, r.today().AddDate(0, 0, -logDays)
	if through, err := time.Parse(time.DateOnly, m.Through[table]); err == nil {
		from = through.AddDate(0, 0, 1)
	} else if m.Through[table] != "" {
		return fmt.Errorf("auditing: the manifest has the watermark %q of %s", m.Through[table], table)
	}
	if from.Before(oldest) {
		m.setGaps(table, from.Format(time.DateOnly), []Gap{{
			Table: table, Day: from.Format(time.DateOnly),
			Reason: fmt.Sprintf("the days before %s are lost: the service keeps its logs %d days", oldest.Format(time.DateOnly), logDays),
		}})
		from = oldest
	}
	for day := from; !day.After(last); day = day.AddDate(0, 0, 1) {
		r.From, r.To = day, day
		if err := r.file(ctx, table, day.Format(time.DateOnly)); err != nil {
			return err
		}
	}
	return nil
}

// file writes a file, and then the manifest with it.
func (r *run) file(ctx context.Context, table Table, day string) error {
	m := r.manifest
	file := File{Name: string(table) + "-" + day + m.Format.extension(), Table: table, Day: day}
	hash := sha256.New()
	err := atomicfile.Write(filepath.Join(r.dir, file.Name), func(w io.Writer) (err error) {
		counted := &counter{io.MultiWriter(w, hash), &file.Size}
		file.Summary, err = r.write(ctx, counted, table, m.Format)
		return err
	})
	if err != nil {
		return err
	}
	file.SHA256, file.Written = hex.EncodeToString(hash.Sum(nil)), r.now().UTC()
	m.Files = append(slices.DeleteFunc(m.Files, func(f File) bool { return f.Name == file.Name }), file)
	for i := range file.Gaps {
		file.Gaps[i].Table, file.Gaps[i].Day = table, day
	}
	m.setGaps(table, day, file.Gaps)
	if table.IsLog() {
		m.Through[table] = day
	}
	if err := r.save(); err != nil {
		return err
	}
	if r.Progress != nil {
		r.Progress(file)
	}
	return nil
}

// setGaps replaces the gaps of the file of a day. Those of other days stay, as
// their files do.
func (m *Manifest) setGaps(table Table, day string, gaps []Gap) {
	m.replaceGaps(func(g Gap) bool {
		return g.Table == table && (g.Day == day || table.IsLog() && g.Day == "") // "": the log was refused
	}, gaps...)
}

// refuse adds the gap of a table that is refused. There may be a file of an earlier
// run on the day: the gaps of single works, groups and workspaces in it stay.
func (m *Manifest) refuse(gap Gap) {
	m.replaceGaps(func(g Gap) bool { return g.Table == gap.Table && g.Day == gap.Day && g.Of == "" }, gap)
}

// replaceGaps puts gaps that the run has met in the place of old ones.
func (m *Manifest) replaceGaps(old func(Gap) bool, met ...Gap) {
	m.Gaps = slices.DeleteFunc(m.Gaps, old)
	for _, gap := range met {
		gap.Found = m.Started
		m.Gaps = append(m.Gaps, gap)
	}
}

func (m *Manifest) has(table Table, day string) bool {
	return slices.ContainsFunc(m.Files, func(f File) bool { return f.Table == table && f.Day == day })
}

func (r *run) save() error {
	err := atomicfile.Write(filepath.Join(r.dir, ManifestName), func(w io.Writer) error { return planfile.Encode(w, r.manifest) })
	if err != nil {
		return fmt.Errorf("auditing: writing the manifest: %w", err)
	}
	return nil
}

// A counter counts the bytes that are written.
type counter struct {
	io.Writer
	n *int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	*c.n += int64(n)
	return n, err
}
