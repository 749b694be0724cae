module github.com/quickbi-go/quickbi/cmd/quickbi

go 1.26.0

require (
	github.com/aliyun/credentials-go v1.4.14
	github.com/creack/pty v1.1.24
	github.com/quickbi-go/quickbi v0.0.0
	github.com/quickbi-go/quickbi/dirsync/ldap v0.0.0-00010101000000-000000000000
	github.com/rivo/uniseg v0.4.7
	github.com/spf13/cobra v1.10.2
	github.com/spf13/pflag v1.0.9
	golang.org/x/term v0.45.0
)

require (
	github.com/Azure/go-ntlmssp v0.1.1 // indirect
	github.com/alibabacloud-go/debug v1.0.1 // indirect
	github.com/go-asn1-ber/asn1-ber v1.5.8 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/go-ldap/ldap/v3 v3.4.15 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	golang.org/x/crypto v0.54.0 // indirect
	golang.org/x/sync v0.25.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.44.0 // indirect
	golang.org/x/time v0.16.0 // indirect
	gopkg.in/ini.v1 v1.68.0 // indirect
)

replace github.com/quickbi-go/quickbi => ../..

replace github.com/quickbi-go/quickbi/dirsync/ldap => ../../dirsync/ldap
