package quickbitest

import (
	"fmt"
	"net/http"

	"github.com/quickbi-go/quickbi/internal/catalog"
)

// A refusal is the error of a handler and of the gateway: what the caller is told.
type refusal struct {
	code    string
	status  int
	message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

// refuse returns the refusal that the service marks with code.
func refuse(code, format string, args ...any) error {
	return &refusal{code: code, status: statusOf(code), message: fmt.Sprintf(format, args...)}
}

// missing refuses a request without the parameter, as the gateway does.
func missing(name string) error {
	return refuse("Missing"+name, "The call needs the parameter %s.", name)
}

// gatewayStatus has the codes of the gateway that do not come with 400. The
// catalogue knows those of Quick BI itself.
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

func statusOf(code string) int {
	if known, ok := catalog.Errors()[code]; ok && len(known.HTTP) > 0 {
		return known.HTTP[0]
	}
	if status, ok := gatewayStatus[code]; ok {
		return status
	}
	return http.StatusBadRequest
}
