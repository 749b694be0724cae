package gateway

import (
	"fmt"
	"net/http"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// A Refusal is what the caller is told instead of a result.
type Refusal struct {
	Code    string
	Status  int
	Message string
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Refuse returns the refusal with the code and its documented status.
func Refuse(code, format string, args ...any) error {
	return &Refusal{Code: code, Status: StatusOf(code), Message: fmt.Sprintf(format, args...)}
}

// Invalid refuses the value of a parameter.
func Invalid(name, format string, args ...any) error {
	return Refuse("Invalid.Parameter.Error", "The parameter %s %s.", name, fmt.Sprintf(format, args...))
}

// missing refuses a request without the parameter.
func missing(name string) error {
	return Refuse("Missing"+name, "The call needs the parameter %s.", name)
}

// gatewayStatus has the codes of the gateway that do not come with 400. The
// catalogue has those of Quick BI itself.
var gatewayStatus = map[string]int{
	"Forbidden":                   http.StatusForbidden,
	"Forbidden.RAM":               http.StatusForbidden,
	"Forbidden.RiskControl":       http.StatusForbidden,
	"Forbidden.UserVerification":  http.StatusForbidden,
	"InternalError":               http.StatusInternalServerError,
	"InvalidAccessKeyId.NotFound": http.StatusNotFound,
	"InvalidApi.NotFound":         http.StatusNotFound,
	"InvalidProduct.NotFound":     http.StatusNotFound,
	"InvalidProtocol.NeedSsl":     http.StatusNotFound,
	"NoPermission":                http.StatusForbidden,
	"ServiceUnavailable":          http.StatusServiceUnavailable,
	"UnsupportedOperation":        http.StatusNotImplemented,
}

// StatusOf returns the status of a code: the first documented one, else 400.
func StatusOf(code string) int {
	if known, ok := catalog.Errors()[code]; ok && len(known.HTTP) > 0 {
		return known.HTTP[0]
	}
	if status, ok := gatewayStatus[code]; ok {
		return status
	}
	return http.StatusBadRequest
}
