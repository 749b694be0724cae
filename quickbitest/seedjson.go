package quickbitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/quickbi-go/quickbi/internal/json"
)

// SeedJSON is [Emulator.Seed] of a JSON document. Errors say at which line and column the
// mistake is. A member that seeds do not have is a mistake, too: nobody is served by a
// seed half of which is not understood.
func (e *Emulator) SeedJSON(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var s Organization
	if err := readDocument(data, &s); err != nil {
		return fmt.Errorf("quickbitest: %w", err)
	}
	err = e.Seed(s)
	if mistake, ok := errors.AsType[*seedError](err); ok {
		return fmt.Errorf("quickbitest: %s: %w", position(data, mistake.offset(data)), mistake)
	}
	return err
}

// byteOrderMark is what some editors write at the beginning of a file.
var byteOrderMark = []byte("\xef\xbb\xbf")

// readDocument decodes a JSON document. It refuses members that v does not have.
func readDocument(data []byte, v any) error {
	if bytes.HasPrefix(data, byteOrderMark) {
		return errors.New("line 1, column 1: the document begins with a byte order mark; save it as UTF-8 without one")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	err := json.UnmarshalDecode(dec, v, json.RejectUnknownMembers(true))
	at := int(dec.InputOffset())
	semantic, _ := errors.AsType[*json.SemanticError](err)
	syntactic, _ := errors.AsType[*json.SyntacticError](err)
	switch {
	case err == nil && len(bytes.TrimSpace(data[at:])) == 0:
		return nil
	case err == nil:
		return fmt.Errorf("%s: there is something after the document", position(data, skipSpace(data, at)))
	case errors.Is(err, json.ErrUnknownName):
		return fmt.Errorf("%s: unknown field %q", position(data, int(semantic.ByteOffset)), semantic.JSONPointer.LastToken())
	case semantic != nil:
		return fmt.Errorf("%s: the document cannot be read: %q is not of type %s", position(data, int(semantic.ByteOffset)), semantic.JSONPointer, semantic.GoType)
	case syntactic != nil:
		return fmt.Errorf("%s: the document cannot be read: %w", position(data, int(syntactic.ByteOffset)), syntactic.Err)
	default:
		return errors.New("the document cannot be read: it is empty")
	}
}

// position names the place of a byte. Columns are counted in characters.
func position(data []byte, offset int) string {
	before := data[:min(offset, len(data))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

// skipSpace returns the offset of what comes next in the document.
func skipSpace(data []byte, offset int) int {
	return len(data) - len(bytes.TrimLeft(data[offset:], " \t\r\n,:"))
}

// A seedError says what is wrong with one thing of a seed.
type seedError struct {
	kind, title string
	member      string // of the document
	index       int
	err         error
}

func (e *seedError) Error() string {
	return fmt.Sprintf("%s %d, %q: %v", e.kind, e.index, e.title, e.err)
}

func (e *seedError) Unwrap() error { return e.err }

// offset finds the thing in the document, which is known to be valid.
func (e *seedError) offset(data []byte) int {
	dec := json.NewDecoder(bytes.NewReader(data))
	_, _ = dec.ReadToken()
	for dec.PeekKind() == '"' {
		if name, _ := dec.ReadToken(); name.String() != e.member {
			_ = dec.SkipValue()
			continue
		}
		_, _ = dec.ReadToken()
		for range e.index {
			_ = dec.SkipValue()
		}
		break
	}
	return skipSpace(data, int(dec.InputOffset()))
}

// memberOf returns the name that a field of seeds has in JSON.
func memberOf[S any](field func(*Organization) *[]S) string {
	var o Organization
	at := reflect.ValueOf(field(&o)).Pointer() - reflect.ValueOf(&o).Pointer()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Organization]()) {
		if f.Offset == at {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return name
		}
	}
	panic("quickbitest: a kind of seeds is no field of Organization")
}
