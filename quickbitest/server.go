package quickbitest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// closeTimeout is how long Close waits for calls under way.
const closeTimeout = 5 * time.Second

// A Server is an [Emulator] that listens.
type Server struct {
	*Emulator

	// URL is the address of the server, http://127.0.0.1:port.
	URL string

	http   *http.Server
	cancel context.CancelFunc // ends what waits: delays, endless answers
	served chan struct{}      // closed when the listener is gone
	close  sync.Once

	mu     sync.Mutex
	fresh  map[net.Conn]struct{} // connections that have not sent anything yet
	closed bool                  // and there will be no more of them
}

// NewServer starts a server on a port of the loopback interface. The caller closes it.
// It panics if no port is free.
func NewServer(opts ...Option) *Server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic("quickbitest: " + err.Error())
	}
	return Start(listener, NewEmulator(opts...))
}

// Start lets the emulator answer on the listener, and therefore anybody who can reach
// it. The caller closes the server; that closes the listener.
func Start(listener net.Listener, e *Emulator) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		Emulator: e,
		URL:      "http://" + listener.Addr().String(),
		cancel:   cancel,
		served:   make(chan struct{}),
		fresh:    make(map[net.Conn]struct{}),
	}
	s.http = &http.Server{
		Handler:           e,
		ReadHeaderTimeout: time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         s.track,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // always fails in the end: Close is what ends it
	}()
	return s
}

// Close stops the server and waits until the calls under way are answered. Calls
// that a fault holds up are cut off.
func (s *Server) Close() {
	s.close.Do(func() {
		s.cancel()
		// Clients open connections before they need them. Shutdown would wait some
		// seconds for each.
		s.mu.Lock()
		s.closed = true
		for conn := range s.fresh {
			_ = conn.Close()
		}
		s.mu.Unlock()

		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			_ = s.http.Close() // a caller reads too slowly
		}
		<-s.served
	})
}

func (s *Server) track(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(s.fresh, conn)
	case s.closed:
		_ = conn.Close()
	default:
		s.fresh[conn] = struct{}{}
	}
}
