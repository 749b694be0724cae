package quickbitest

import "github.com/quickbi-go/quickbi"

// Client returns a client that calls the server with a key that it accepts. The
// options come after those that see to this, so that they can change it. It
// panics if one of them is wrong.
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
