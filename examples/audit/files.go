package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/quickbi-go/quickbi/auditing"
)

// export writes a file for each table.
func export(ctx context.Context, e auditing.Exporter, tables []auditing.Table, dir string, format auditing.Format, out io.Writer) (err error) {
	if dir == "" {
		dir, err = os.MkdirTemp("", "quickbi-audit-")
	} else {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Writing to", dir)
	for _, table := range tables {
		name := fmt.Sprintf("%s.%s", table, format)
		rows, err := writeFile(filepath.Join(dir, name), func(w io.Writer) (int, error) { return e.Write(ctx, w, table, format) })
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-24s %d rows\n", name, rows)
	}
	return nil
}

// writeFile gives a file its name when it is whole, so that half a table is never
// taken for one. Nobody else may read it: it is about people.
func writeFile(path string, write func(io.Writer) (int, error)) (rows int, err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	if rows, err = write(temp); err != nil {
		return rows, err
	}
	if err = temp.Close(); err != nil {
		return rows, err
	}
	return rows, os.Rename(temp.Name(), path)
}
