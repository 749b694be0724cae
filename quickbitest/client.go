package quickbitest

import "github.com/quickbi-go/quickbi"

// Client returns a client that calls the server with a key that it accepts. The options
// are applied last, so they can change endpoint and key. Client panics if an option is
// wrong.
func (s *Server) Client(opts ...quickbi.Option) *quickbi.Client {
	c, err := quickbi.NewClient(append([]quickbi.Option{
		quickbi.WithEndpoint(s.URL),
		quickbi.WithAccessKey(s.AccessKey()),
	}, opts...)...)
	if err != nil {
		panic("quickbitest: " + err.Error())
	}
	return c
}
