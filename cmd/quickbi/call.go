package main

import (
	"bytes"
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/quickbi-go/quickbi"
	"github.com/quickbi-go/quickbi/internal/catalog"
	strictjson "github.com/quickbi-go/quickbi/internal/json"
)

func (a *app) callCommand() *cobra.Command {
	var file, format string
	var all bool
	cmd := &cobra.Command{
		Use:   "call ACTION [Name=Value…]",
		Short: "Call an operation",
		Long: `Calls an operation with the parameters given by their documented names. They
are checked before anything is sent, and all problems are shown at once. Lists
are written a,b,c, documents as JSON, times as RFC 3339 or milliseconds.

An operation that changes something asks first on a terminal.`,
		Example: lines(
			"quickbi call QueryUserList Keyword=ann -emulator",
			"quickbi call QueryUserList -all -format csv -emulator",
			"quickbi call AddUserGroupMember UserGroupId=finance UserIdList=ann,ben -yes -emulator",
			"quickbi call DeleteUser -json leaver.json -yes -emulator",
		),
		Args: someArgs("the operation; quickbi api lists them"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return a.completeActions(cmd, args, prefix)
			}
			return a.completeParameters(args, prefix)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.call(cmd.Context(), args[0], args[1:], file, format, all)
		},
	}
	cmd.Flags().StringVar(&file, "json", "", "`FILE` with the parameters as a JSON object; - is the standard input")
	cmd.Flags().StringVar(&format, "format", "table", "`format` of the result: table, json, jsonl or csv")
	cmd.Flags().BoolVar(&all, "all", false, "walk through all pages of a list")
	cmd.Flags().BoolVar(&a.yes, "yes", false, "do not ask before a change")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) completeParameters(args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	action, ok := findAction(args[0])
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for _, p := range catalog.Load().Operations[action].Params {
		given := slices.ContainsFunc(args[1:], func(arg string) bool { return strings.HasPrefix(arg, p.Name+"=") })
		if !given && strings.HasPrefix(strings.ToLower(p.Name), strings.ToLower(prefix)) {
			found = append(found, p.Name+"=\t"+strings.Join(append([]string{p.Type}, a.limits(p)...), ", "))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func (a *app) call(ctx context.Context, name string, args []string, file, format string, all bool) error {
	if !slices.Contains(formats, format) {
		return fmt.Errorf("-format %q is none of %s", format, strings.Join(formats, ", "))
	}
	action, ok := findAction(name)
	if !ok {
		return fmt.Errorf("there is no operation %q; quickbi api %s looks for one", name, name)
	}
	given, err := a.parameters(args, file)
	if err != nil {
		return err
	}
	client, done, err := a.connect()
	if err != nil {
		return err
	}
	defer done()

	method := reflect.ValueOf(client).MethodByName(action)
	request := reflect.New(method.Type().In(1).Elem())
	problems := fill(action, request.Elem(), given)
	// With a context that has ended nothing is sent, but the request is checked.
	ended, end := context.WithCancel(ctx)
	end()
	if _, err := invoke(method, ended, request); errors.Is(err, quickbi.ErrInvalidRequest) {
		problems = append(problems, otherProblems(err, problems)...)
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	write := changes(action, request.Interface())
	if write {
		if err := a.confirm(ctx, "%s changes the organization. Go on?", action); err != nil {
			return err
		}
	}
	out := a.newTable(format)
	if all {
		return a.callAll(ctx, client, action, request, out)
	}
	result, err := invoke(method, ctx, request)
	if result == nil {
		return err
	}
	if werr := out.result(result); werr != nil {
		if write && err == nil {
			return fmt.Errorf("%s was done, but its result could not be written: %w", action, werr)
		}
		return errors.Join(werr, err)
	}
	return err // a call whose parts failed has both
}

// changes reports whether a call changes anything: what one parameter decides of
// IpWhiteListConfig, and the catalogue of all others.
func changes(action string, request any) bool {
	if list, ok := request.(*quickbi.IpWhiteListConfigRequest); ok && strings.EqualFold(string(list.Operation), string(quickbi.IPWhiteListQuery)) {
		return false
	}
	return catalog.Load().Operations[action].Access == "write"
}

// callAll writes the entries of all pages. What came before a failure is written.
func (a *app) callAll(ctx context.Context, client *quickbi.Client, action string, request reflect.Value, out *table) error {
	iterator := reflect.ValueOf(client).MethodByName(action + "All")
	if !iterator.IsValid() {
		return fmt.Errorf("%s has no pages to walk through", action)
	}
	progress := a.progress()
	defer progress.end()
	total := 0
	if progress.shown() {
		total = entriesOf(ctx, client, action, request)
	}
	for entry, failure := range iterator.Call([]reflect.Value{reflect.ValueOf(ctx), request})[0].Seq2() {
		err, _ := failure.Interface().(error)
		if err == nil {
			err = out.entry(entry.Interface())
		}
		if err != nil {
			progress.end()
			return errors.Join(out.flush(), err, fmt.Errorf("the list is not complete: %d entries came before this; to go on, call it again", out.written))
		}
		progress.entries(out.written, total)
	}
	progress.end()
	return out.flush()
}

// entriesOf asks how many entries a list has, which an iterator does not tell. It is
// 0 if the service does not say, or if the list is not read from its beginning.
func entriesOf(ctx context.Context, client *quickbi.Client, action string, request reflect.Value) int {
	one := reflect.New(request.Type().Elem())
	one.Elem().Set(request.Elem())
	page, size := one.Elem().FieldByName("PageNum"), one.Elem().FieldByName("PageSize")
	if !page.IsValid() || !size.IsValid() || page.Int() > 1 {
		return 0
	}
	size.SetInt(1)
	result, err := invoke(reflect.ValueOf(client).MethodByName(action), ctx, one)
	if err != nil {
		return 0 // the iterator meets it, too
	}
	list := reflect.ValueOf(result)
	if list.Kind() != reflect.Struct {
		return 0
	}
	if total := list.FieldByName("TotalNum"); total.IsValid() {
		return int(total.Int())
	}
	return 0
}

// invoke calls a method of the client and returns the Result of its answer.
func invoke(method reflect.Value, ctx context.Context, request reflect.Value) (any, error) {
	returned := method.Call([]reflect.Value{reflect.ValueOf(ctx), request})
	err, _ := returned[1].Interface().(error)
	if returned[0].IsNil() {
		return nil, err
	}
	result := returned[0].Elem().FieldByName("Result").Interface()
	if ticket, ok := result.(quickbi.Secret); ok {
		result = ticket.Reveal() // which is what the call was for
	}
	return result, err
}

// otherProblems takes the problems of single parameters out of err, but for those
// that could not be read and are missing for that reason.
func otherProblems(err error, unread []error) []error {
	var found []error
	for _, problem := range parameterErrors(err) {
		known := slices.ContainsFunc(unread, func(u error) bool {
			p, ok := errors.AsType[*quickbi.ParameterError](u)
			return ok && p.Parameter == problem.Parameter
		})
		if !known {
			found = append(found, problem)
		}
	}
	if found == nil && len(unread) == 0 {
		return []error{err}
	}
	return found
}

func parameterErrors(err error) []*quickbi.ParameterError {
	switch e := err.(type) {
	case *quickbi.ParameterError:
		return []*quickbi.ParameterError{e}
	case interface{ Unwrap() []error }:
		var all []*quickbi.ParameterError
		for _, inner := range e.Unwrap() {
			all = append(all, parameterErrors(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		return parameterErrors(e.Unwrap())
	}
	return nil
}

// parameters reads what is given as Name=Value and in a JSON file.
func (a *app) parameters(args []string, file string) (map[string]any, error) {
	given := map[string]any{}
	if file != "" {
		in := a.in
		if file != "-" {
			f, err := os.Open(file)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			in = f
		}
		strict := strictjson.NewDecoder(in) // refuses a name that is there twice
		text, err := strict.ReadValue()
		if err != nil {
			return nil, fmt.Errorf("-json %s is not JSON: %w", file, err)
		}
		if text.Kind() != '{' {
			return nil, fmt.Errorf("-json %s is not a JSON object", file)
		}
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&given); err != nil {
			return nil, fmt.Errorf("-json %s is not a JSON object: %w", file, err)
		}
		if _, err := strict.ReadToken(); !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("-json %s has something after the object", file)
		}
	}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is not Name=Value", arg)
		}
		if _, twice := given[name]; twice {
			return nil, fmt.Errorf("the parameter %s is given twice", name)
		}
		given[name] = value
	}
	return given, nil
}

// fill sets the fields of a request by the names of parameters on the wire.
func fill(action string, request reflect.Value, given map[string]any) []error {
	fields := map[string]reflect.Value{}
	for i := range request.NumField() {
		wire, _, _ := strings.Cut(request.Type().Field(i).Tag.Get("url"), ",")
		fields[wire] = request.Field(i)
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(given)) {
		problem := func(format string, args ...any) {
			problems = append(problems, &quickbi.ParameterError{Action: action, Parameter: name, Problem: fmt.Sprintf(format, args...)})
		}
		field, ok := fields[name]
		if !ok {
			known := slices.Sorted(maps.Keys(fields))
			problem("is not known to %s, which has %s", action, strings.Join(known, ", "))
			continue
		}
		switch value := given[name]; {
		case value == nil: // null: left out
			continue
		case value == "" && field.Kind() != reflect.Pointer:
			// What was to be there is missing, such as the value of a variable of the shell.
			problem("is empty: give a value, or leave it out")
			continue
		}
		if err := set(field, given[name]); err != nil {
			problem("%v", err)
		}
	}
	return problems
}

// set gives a field a value: a text as it is written on the command line, or
// anything that JSON has.
func set(field reflect.Value, value any) error {
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		return set(field.Elem(), value)
	}
	if list, ok := value.([]any); ok && isList(field.Type()) {
		field.Set(reflect.MakeSlice(field.Type(), len(list), len(list)))
		for i, element := range list {
			if err := set(field.Index(i), element); err != nil {
				return err
			}
		}
		return nil
	}
	text, isText := value.(string)
	if !isText {
		if kind := jsonKind(value); kind != "" && (isScalar(field.Type()) || isList(field.Type())) && !(kind == "boolean" && field.Kind() == reflect.Bool) {
			return fmt.Errorf("cannot be a JSON %s", kind)
		}
		document, err := json.Marshal(value)
		if err != nil {
			return err
		}
		text = string(document)
	}
	switch target := field.Addr().Interface().(type) {
	case *quickbi.JSONDocument:
		*target = quickbi.RawJSON(text)
		return nil
	case *quickbi.Secret:
		*target = quickbi.NewSecret(text)
		return nil
	case *quickbi.UnixMilli:
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			*target = quickbi.UnixMilliOf(at)
			return nil
		}
	case encoding.TextUnmarshaler:
		if err := target.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("is %q: %w", text, err)
		}
		return nil
	}
	switch kind := field.Kind(); {
	case kind == reflect.String:
		field.SetString(text)
	case kind == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("is %q, neither true nor false", text)
		}
		field.SetBool(b)
	case field.CanInt():
		n, err := strconv.ParseInt(text, 10, field.Type().Bits())
		if err != nil {
			return fmt.Errorf("is %q, which is not a number that fits", text)
		}
		field.SetInt(n)
	case isList(field.Type()):
		parts := strings.Split(text, ",")
		field.Set(reflect.MakeSlice(field.Type(), len(parts), len(parts)))
		for i, part := range parts {
			if err := set(field.Index(i), part); err != nil {
				return err
			}
		}
	default: // a document
		dec := json.NewDecoder(strings.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(field.Addr().Interface()); err != nil {
			return fmt.Errorf("is not JSON of the expected form: %w", err)
		}
	}
	return nil
}

// jsonKind names what is neither a text nor a number.
func jsonKind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	}
	return ""
}

// isList reports whether values of the type are scalars, separated by commas.
func isList(t reflect.Type) bool { return t.Kind() == reflect.Slice && isScalar(t.Elem()) }

// isScalar reports whether values of the type are written without JSON.
func isScalar(t reflect.Type) bool {
	if t == reflect.TypeFor[quickbi.Secret]() {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64:
		return true
	}
	return false
}
