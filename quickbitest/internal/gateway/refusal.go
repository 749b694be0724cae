package gateway

import (
	"fmt"
	"net/http"
	"strings"

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

// gatewayCodes has the codes of the gateway with their statuses. The catalogue has those
// of Quick BI itself.
var gatewayCodes = map[string]int{
	"Forbidden":                                  http.StatusForbidden,
	"Forbidden.RAM":                              http.StatusForbidden,
	"Forbidden.RiskControl":                      http.StatusForbidden,
	"Forbidden.UserVerification":                 http.StatusForbidden,
	"IllegalTimestamp":                           http.StatusBadRequest,
	"IncompleteSignature":                        http.StatusBadRequest,
	"InternalError":                              http.StatusInternalServerError,
	"InvalidAccessKeyId.Inactive":                http.StatusBadRequest,
	"InvalidAccessKeyId.NotFound":                http.StatusNotFound,
	"InvalidAction.NotFound":                     http.StatusBadRequest,
	"InvalidApi.NotFound":                        http.StatusNotFound,
	"InvalidParameter":                           http.StatusBadRequest,
	"InvalidParameter.Format":                    http.StatusBadRequest,
	"InvalidProduct.NotFound":                    http.StatusNotFound,
	"InvalidProtocol.NeedSsl":                    http.StatusNotFound,
	"InvalidSecurityToken.Expired":               http.StatusBadRequest,
	"InvalidSecurityToken.Malformed":             http.StatusBadRequest,
	"InvalidSecurityToken.MismatchWithAccessKey": http.StatusBadRequest,
	"InvalidSignatureMethod":                     http.StatusBadRequest,
	"InvalidSignatureVersion":                    http.StatusBadRequest,
	"InvalidTimeStamp.Expired":                   http.StatusBadRequest,
	"InvalidTimeStamp.Format":                    http.StatusBadRequest,
	"InvalidVersion":                             http.StatusBadRequest,
	"NoPermission":                               http.StatusForbidden,
	"NoSuchVersion":                              http.StatusBadRequest,
	"ServiceUnavailable":                         http.StatusServiceUnavailable,
	"SignatureDoesNotMatch":                      http.StatusBadRequest,
	"SignatureNonceUsed":                         http.StatusBadRequest,
	"Throttling":                                 http.StatusBadRequest,
	"Throttling.Api":                             http.StatusBadRequest,
	"Throttling.User":                            http.StatusBadRequest,
	"UnsupportedHTTPMethod":                      http.StatusBadRequest,
	"UnsupportedOperation":                       http.StatusNotImplemented,
	"UnsupportedParameter":                       http.StatusBadRequest,
}

// Known says whether the service or its gateway is known to refuse with the code. The
// code for a missing parameter ends with the name of the parameter.
func Known(code string) bool {
	_, documented := catalog.Errors()[code]
	_, common := gatewayCodes[code]
	return documented || common || strings.HasPrefix(code, "Missing")
}

// StatusOf returns the status of a code: the first documented one, else 400.
func StatusOf(code string) int {
	if known, ok := catalog.Errors()[code]; ok && len(known.HTTP) > 0 {
		return known.HTTP[0]
	}
	if status, ok := gatewayCodes[code]; ok {
		return status
	}
	return http.StatusBadRequest
}
