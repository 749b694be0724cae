package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// printTables writes the report as Markdown that can be read as it is.
func printTables(out io.Writer, r report) error {
	for _, transport := range []string{clientAlone, overLoopback} {
		rows := [][]string{append([]string{transport, "", "floor"}, peerNames()[1:]...)}
		for _, name := range caseNames(r, transport) {
			rows = append(rows, caseRows(r, transport, name)...)
		}
		if len(rows) > 1 {
			if err := printTable(out, rows); err != nil {
				return err
			}
		}
	}
	for _, rows := range [][][]string{releaseRows(r), growthRows(r, pagesRead, "member"), growthRows(r, goroutinesShare, "call")} {
		if len(rows) > 1 {
			if err := printTable(out, rows); err != nil {
				return err
			}
		}
	}
	if len(r.Programs) == 0 {
		return nil
	}
	rows := [][]string{{"smallest program", "stripped", "with " + nextRelease, "modules", "cold build", "its CPU time", "start-up"}}
	for _, p := range r.Programs {
		rows = append(rows, []string{
			p.Client, fmt.Sprintf("%.2f MB", float64(p.StrippedBytes)/1e6), fmt.Sprintf("%.2f MB", float64(p.NextStrippedBytes)/1e6), fmt.Sprint(p.Modules),
			fmt.Sprintf("%.0f s", p.ColdBuildSeconds), fmt.Sprintf("%.0f s", p.BuildCPUSeconds), fmt.Sprintf("%.1f ms", p.StartMillis),
		})
	}
	return printTable(out, rows)
}

func peerNames() []string {
	names := make([]string, len(peers))
	for i, p := range peers {
		names[i] = p.name
	}
	return names
}

// caseNames are the cases of a report, in their order.
func caseNames(r report, transport string) []string {
	var names []string
	for _, res := range r.Results {
		if res.Transport == transport && !slices.Contains(names, res.Case) {
			names = append(names, res.Case)
		}
	}
	return names
}

func find(r report, transport, name, peer string) (result, bool) {
	i := slices.IndexFunc(r.Results, func(res result) bool {
		return res.Transport == transport && res.Case == name && res.Peer == peer
	})
	if i < 0 {
		return result{}, false
	}
	return r.Results[i], true
}

// caseRows are the lines of a case: the floor's cost, and the others as multiples of it.
func caseRows(r report, transport, name string) [][]string {
	time, cpu, bytes := []string{name, "time"}, []string{"", "CPU time"}, []string{"", "bytes"}
	allocations, connections := []string{"", "allocations"}, []string{"", "new connections per call"}
	for i, peer := range peerNames() {
		res, ok := find(r, transport, name, peer)
		if !ok {
			continue
		}
		connections = append(connections, fmt.Sprintf("%.3f", res.Cost.NewConnections))
		if i == 0 {
			time = append(time, duration(res.Cost.Nanoseconds))
			cpu = append(cpu, duration(res.Cost.CPUNanoseconds))
			bytes = append(bytes, fmt.Sprintf("%.0f", res.Cost.Bytes))
			allocations = append(allocations, fmt.Sprintf("%.0f", res.Cost.Allocations))
			continue
		}
		var wantedTime, wantedAllocations float64
		if i := slices.IndexFunc(cases, func(bc benchCase) bool { return bc.name == name }); i >= 0 && transport == clientAlone && peer == "quickbi" {
			wantedTime, wantedAllocations = cases[i].wantedTime, cases[i].wantedAllocations
		}
		time = append(time, multiple(res.Ratio.Time, wantedTime))
		cpu = append(cpu, multiple(res.Ratio.CPU, 0))
		bytes = append(bytes, multiple(res.Ratio.Bytes, 0))
		allocations = append(allocations, multiple(res.Ratio.Allocations, wantedAllocations))
	}
	rows := [][]string{time, cpu, bytes, allocations}
	if transport == overLoopback {
		rows = append(rows, connections)
	}
	return rows
}

// releaseRows compare the two supported releases: our client as multiples of the
// floor of the same release.
func releaseRows(r report) [][]string {
	if r.Next == nil {
		return nil
	}
	rows := [][]string{{"by release", "", r.Go + ": floor", "quickbi", r.Next.Go + ": floor", "quickbi"}}
	for _, name := range caseNames(*r.Next, clientAlone) {
		time, cpu, allocations := []string{name, "time"}, []string{"", "CPU time"}, []string{"", "allocations"}
		for _, release := range []report{r, *r.Next} {
			floor, ok1 := find(release, clientAlone, name, "floor")
			ours, ok2 := find(release, clientAlone, name, "quickbi")
			if !ok1 || !ok2 {
				continue
			}
			time = append(time, duration(floor.Cost.Nanoseconds), multiple(ours.Ratio.Time, 0))
			cpu = append(cpu, duration(floor.Cost.CPUNanoseconds), multiple(ours.Ratio.CPU, 0))
			allocations = append(allocations, fmt.Sprintf("%.0f", floor.Cost.Allocations), multiple(ours.Ratio.Allocations, 0))
		}
		rows = append(rows, time, cpu, allocations)
	}
	return rows
}

// multiple shows a ratio, and the one that is wanted where it is not reached.
func multiple(ratio, wanted float64) string {
	if wanted > 0 && ratio > wanted {
		return fmt.Sprintf("%.2f, wanted %.2f", ratio, wanted)
	}
	return fmt.Sprintf("%.2f", ratio)
}

func duration(ns float64) string {
	switch {
	case ns < 1e3:
		return fmt.Sprintf("%.0f ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	case ns < 1e9:
		return fmt.Sprintf("%.2f ms", ns/1e6)
	}
	return fmt.Sprintf("%.2f s", ns/1e9)
}

// printTable writes rows, of which the first is the heading.
func printTable(out io.Writer, rows [][]string) error {
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w)
	for i, row := range rows {
		fmt.Fprintln(w, "| "+strings.Join(row, "\t| ")+"\t|")
		if i == 0 {
			fmt.Fprintln(w, strings.Repeat("|---\t", len(row))+"|")
		}
	}
	return w.Flush()
}

const (
	beginTables = "<!-- tables: go run ./bench, in interop, writes them -->\n"
	endTables   = "\n<!-- end of tables -->"
)

// replaceTables puts the tables where the file has others.
func replaceTables(file string, tables []byte) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok1 := strings.Cut(string(text), beginTables)
	_, after, ok2 := strings.Cut(rest, endTables)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s has no place for tables, between %q and %q", file, beginTables, endTables)
	}
	return os.WriteFile(file, []byte(before+beginTables+string(tables)+endTables+after), 0o644)
}
