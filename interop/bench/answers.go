package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// An answer is what the service says to a call.
type answer struct {
	status int
	body   []byte
}

var (
	doneAnswer    = answer{http.StatusOK, []byte(`{"RequestId":"0B2C7A11-93D4-4C1F-8E55-5A0D6C9F1E02","Success":true,"Result":true}`)}
	pageAnswer    = answer{http.StatusOK, pageOfMembers(pageSize)}
	refusedAnswer = answer{http.StatusBadRequest, []byte(`{"RequestId":"0B2C7A11-93D4-4C1F-8E55-5A0D6C9F1E02","HostId":"quickbi-public.cn-hangzhou.aliyuncs.com",` +
		`"Code":"User.Not.In.Organization","Message":"The specified user is not a member of the organization.",` +
		`"Recommend":"https://api.aliyun.com/troubleshoot?q=User.Not.In.Organization&product=quickbi-public"}`)}
)

const (
	pageSize  = 1000
	idsOfCall = 1000
	goneUser  = "ffffffffffffffffffffffffffffffff" // the call that names it is refused
)

func userID(i int) string { return fmt.Sprintf("%08x3c1b7a5e4f20b6d8%08x", i*2654435761&0xffffffff, i) }

// pageOfMembers is what a QueryUserList of n members is answered with.
func pageOfMembers(n int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"RequestId":"6F1B5C0E-2A44-4E0B-9D57-1C0F3B7A9E21","Success":true,"Result":{"TotalPages":100,"PageNum":1,"PageSize":%d,"TotalNum":%d,"Data":[`, n, 100*n)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"UserId":"%s","AccountId":"12%014d","AccountName":"acme:user%d","NickName":"用户%d","UserType":%d,"RoleIdList":[111111113],`+
			`"CopilotModules":["qreport"],"JoinedDate":%d,"LastLoginTime":%d,"IsDeleted":%t,"AdminUser":false,"AuthAdminUser":false}`,
			userID(i), i, i, i, i%3+1, 1718691704000+i, 1718761320681+i, i%50 == 0)
	}
	b.WriteString(`]}}`)
	return b.Bytes()
}

// stub is a transport that answers every request alike, so that only the client is measured.
type stub answer

var stubHeader = http.Header{"Content-Type": {"application/json;charset=utf-8"}}

func (s *stub) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		req.Body.Close()
	}
	return &http.Response{
		StatusCode: s.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: stubHeader, ContentLength: int64(len(s.body)),
		Body: io.NopCloser(bytes.NewReader(s.body)),
	}, nil
}

// service is the other end of the loopback measurements. It runs in a process of
// its own, so that its work is not counted as the clients'.
type service struct{ connections atomic.Int64 }

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := doneAnswer
	switch action := r.Header.Get("X-Acs-Action"); {
	case r.URL.Path == "/connections":
		a = answer{http.StatusOK, strconv.AppendInt(nil, s.connections.Load(), 10)}
	case action == "QueryUserList":
		a = pageAnswer
	case action == "DeleteUser" && strings.Contains(r.URL.RawQuery, goneUser):
		a = refusedAnswer
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// serve is the process of the service: it says where it listens, and ends with its input.
func serve(in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := new(service)
	server := &http.Server{Handler: s, ConnState: func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = server.Close()
	}()
	fmt.Fprintln(out, listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// loopback is a running service.
type loopback struct {
	host  string
	asker http.Client // for the number of connections, on the same one all the time
	stop  func() error
}

// startLoopback runs this program once more, as the service.
func startLoopback(ctx context.Context) (*loopback, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-serve")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := &loopback{asker: http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}}
	l.stop = sync.OnceValue(func() error {
		l.asker.CloseIdleConnections()
		in.Close()
		return cmd.Wait()
	})
	if _, err := fmt.Fscanln(out, &l.host); err != nil {
		_ = l.stop()
		return nil, fmt.Errorf("the service did not start: %w", err)
	}
	if _, err := l.connections(); err != nil { // opens the asker's
		_ = l.stop()
		return nil, err
	}
	return l, nil
}

// connections tells how many connections the service has accepted.
func (l *loopback) connections() (int, error) {
	resp, err := l.asker.Get("http://" + l.host + "/connections")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}
