// The drift command compares the catalogue of operations with the official Python
// package alibabacloud-quickbi-public20220101, as it is installed for a Python
// interpreter. The package is generated from the same description as the other
// official clients: what it does not have, they do not have.
//
//	drift            print the facts of the package: operations, parameters, result trees
//	drift -diff      print what differs from the catalogue; status 1 if anything does
//	drift -adopt     write what differs into the catalogue
//
// Only facts are taken: names, types and places, not a word of text. What the
// package does not say stays open in a new entry, and the tests of the root
// package name it: the section, whether the operation reads or writes, its limits
// and its codes.
//
// script/drift installs the package and runs this command.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

func main() {
	switch err := run(os.Args[1:], os.Stdout, os.Stderr); {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2) // the flag package has printed what is wrong
	default:
		fmt.Fprintln(os.Stderr, "drift:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("wrong usage")

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("drift", flag.ContinueOnError)
	flags.SetOutput(stderr)
	python := flags.String("python", "python3", "`interpreter` for which the package is installed")
	file := flags.String("catalog", "../internal/catalog/catalog.json", "the catalogue's `file`")
	diff := flags.Bool("diff", false, "print what differs from the catalogue")
	adopt := flags.Bool("adopt", false, "write what differs into the catalogue")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return errUsage
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *diff && *adopt:
		return errors.New("-diff only looks, -adopt writes: give one of them")
	}

	text, err := readFacts(*python)
	if err != nil {
		return err
	}
	if !*diff && !*adopt {
		_, err := stdout.Write(text)
		return err
	}
	var theirs facts
	if err := json.Unmarshal(text, &theirs); err != nil {
		return fmt.Errorf("facts of the package: %w", err)
	}
	var ours catalog.Catalog
	if text, err := os.ReadFile(*file); err != nil {
		return err
	} else if err := json.Unmarshal(text, &ours); err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}

	m := merger{known: known}
	ours.Operations = merge(&m, ours.Version, ours.Operations, theirs.Operations)
	for _, difference := range m.unknown {
		fmt.Fprintln(stdout, difference)
	}
	stale := m.stale()
	switch {
	case len(stale) > 0:
		return fmt.Errorf("known.go lists differences that are not found: %q", stale)
	case len(m.unknown) == 0:
		_, err := fmt.Fprintf(stdout, "The catalogue agrees with %s %s: %d operations, %d known differences.\n",
			theirs.Package, theirs.Version, len(theirs.Operations), len(known))
		return err
	case *diff:
		return fmt.Errorf("%d differences from %s %s", len(m.unknown), theirs.Package, theirs.Version)
	}
	out, err := render(&ours)
	if err != nil {
		return err
	}
	return os.WriteFile(*file, out, 0o644)
}

//go:embed facts.py
var factsPy string

// readFacts returns the facts of the package as JSON.
func readFacts(python string) ([]byte, error) {
	cmd := exec.Command(python, "-")
	cmd.Stdin = bytes.NewBufferString(factsPy)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil && complaint.Len() > 0 {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out, err
}
