package ldap_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// slapd finds OpenLDAP's server, which Debian has in a directory that is not on
// everybody's path.
func slapd(t testing.TB, program string) string {
	t.Helper()
	for _, path := range []string{program, "/usr/sbin/" + program} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed: Debian has it in the package slapd", program)
	}
	t.Skipf("%s is not installed: Debian has it in the package slapd", program)
	return ""
}

// A server is an OpenLDAP server on a port of 127.0.0.1.
type server struct {
	url  string
	ca   *x509.CertPool
	proc *exec.Cmd
	done chan struct{}
}

const (
	suffix   = "dc=example,dc=com"
	rootDN   = "cn=admin," + suffix
	password = "not a secret"
)

// startServer starts a server whose directory has the entries.
func startServer(t testing.TB, entries string) *server {
	t.Helper()
	program, add := slapd(t, "slapd"), slapd(t, "slapadd")
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	s := &server{ca: certify(t, path("cert.pem"), path("key.pem")), done: make(chan struct{})}
	write := func(name, text string) {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("slapd.conf", fmt.Sprintf(`
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile %[1]s/pid
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
sizelimit unlimited
database mdb
suffix "%[2]s"
rootdn "%[3]s"
rootpw "%[4]s"
directory %[1]s/db
maxsize 268435456
access to * by dn.exact="%[3]s" read by anonymous auth
limits anonymous size=100
index objectClass eq
`, dir, suffix, rootDN, password))
	write("entries.ldif", entries)
	if err := os.Mkdir(path("db"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(add, "-q", "-f", path("slapd.conf"), "-l", path("entries.ldif")).CombinedOutput(); err != nil {
		t.Fatalf("slapadd: %v\n%s", err, out)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	s.url = "ldap://" + address
	s.proc = exec.Command(program, "-h", s.url, "-f", path("slapd.conf"), "-d", "0")
	var log strings.Builder
	s.proc.Stderr = &log
	if err := s.proc.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.proc.Wait()
		close(s.done)
	}()
	t.Cleanup(s.kill)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return s
		}
		select {
		case <-s.done:
			t.Fatalf("slapd ended: %s", log.String())
		case <-ctx.Done():
			t.Fatalf("slapd does not answer: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// kill ends the server at once.
func (s *server) kill() {
	_ = s.proc.Process.Kill()
	<-s.done
}

func (s *server) tls() *tls.Config { return &tls.Config{RootCAs: s.ca, ServerName: "ldap.test"} }

// certify makes a certificate for ldap.test and returns who vouches for it.
func certify(t testing.TB, certFile, keyFile string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ldap.test"}, DNSNames: []string{"ldap.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}
