//go:build go1.27 && goexperiment.jsonv2

// Package json is version 2 of encoding/json, of the standard library.
package json

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"io"
)

// Source says where the code comes from.
const Source = "encoding/json/v2"

// Names of the two packages, json and jsontext, that this one joins.
type (
	Decoder        = jsontext.Decoder
	Kind           = jsontext.Kind
	Value          = jsontext.Value
	SyntacticError = jsontext.SyntacticError
	Token          = jsontext.Token

	Marshalers      = json.Marshalers
	Options         = json.Options
	SemanticError   = json.SemanticError
	Unmarshaler     = json.Unmarshaler
	UnmarshalerFrom = json.UnmarshalerFrom
	Unmarshalers    = json.Unmarshalers
)

// ErrUnknownName is json.ErrUnknownName.
var ErrUnknownName = json.ErrUnknownName

// NewDecoder is jsontext.NewDecoder.
func NewDecoder(r io.Reader, opts ...Options) *Decoder { return jsontext.NewDecoder(r, opts...) }

// UnmarshalDecode is json.UnmarshalDecode.
func UnmarshalDecode(dec *Decoder, out any, opts ...Options) error {
	return json.UnmarshalDecode(dec, out, opts...)
}

// Marshal is json.Marshal.
func Marshal(in any, opts ...Options) ([]byte, error) { return json.Marshal(in, opts...) }

// Unmarshal is json.Unmarshal.
func Unmarshal(in []byte, out any, opts ...Options) error { return json.Unmarshal(in, out, opts...) }

// AppendQuote is jsontext.AppendQuote.
func AppendQuote(dst []byte, text string) ([]byte, error) { return jsontext.AppendQuote(dst, text) }

// AppendUnquote is jsontext.AppendUnquote.
func AppendUnquote(dst, text []byte) ([]byte, error) { return jsontext.AppendUnquote(dst, text) }

// AllowDuplicateNames is jsontext.AllowDuplicateNames.
func AllowDuplicateNames(v bool) Options { return jsontext.AllowDuplicateNames(v) }

// AllowInvalidUTF8 is jsontext.AllowInvalidUTF8.
func AllowInvalidUTF8(v bool) Options { return jsontext.AllowInvalidUTF8(v) }

// Deterministic is json.Deterministic.
func Deterministic(v bool) Options { return json.Deterministic(v) }

// JoinMarshalers is json.JoinMarshalers.
func JoinMarshalers(ms ...*Marshalers) *Marshalers { return json.JoinMarshalers(ms...) }

// JoinOptions is json.JoinOptions.
func JoinOptions(opts ...Options) Options { return json.JoinOptions(opts...) }

// JoinUnmarshalers is json.JoinUnmarshalers.
func JoinUnmarshalers(us ...*Unmarshalers) *Unmarshalers { return json.JoinUnmarshalers(us...) }

// MarshalFunc is json.MarshalFunc.
func MarshalFunc[T any](fn func(T) ([]byte, error)) *Marshalers { return json.MarshalFunc(fn) }

// MatchCaseInsensitiveNames is json.MatchCaseInsensitiveNames.
func MatchCaseInsensitiveNames(v bool) Options { return json.MatchCaseInsensitiveNames(v) }

// RejectUnknownMembers is json.RejectUnknownMembers.
func RejectUnknownMembers(v bool) Options { return json.RejectUnknownMembers(v) }

// UnmarshalFromFunc is json.UnmarshalFromFunc.
func UnmarshalFromFunc[T any](fn func(*Decoder, T) error) *Unmarshalers {
	return json.UnmarshalFromFunc(fn)
}

// WithMarshalers is json.WithMarshalers.
func WithMarshalers(v *Marshalers) Options { return json.WithMarshalers(v) }

// WithUnmarshalers is json.WithUnmarshalers.
func WithUnmarshalers(v *Unmarshalers) Options { return json.WithUnmarshalers(v) }
