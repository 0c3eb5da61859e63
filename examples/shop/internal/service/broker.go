// Package service is what the programs of the shop have in common: how they find the broker, say how
// they are, and stop.
package service

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/scampgen/scampgen/runtime"
)

// Broker returns the broker that AMQP_URL names; an amqps:// URL turns TLS on. AMQP_CA is a file with
// the certificates to trust instead of the system's, AMQP_CERT and AMQP_KEY are those of the client.
func Broker(name string) runtime.Broker {
	return runtime.Broker{URL: os.Getenv("AMQP_URL"), Name: name, TLS: certificates}
}

// certificates reads the files again for each connection, so that they can be replaced.
func certificates() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if file := os.Getenv("AMQP_CA"); file != "" {
		authorities, err := os.ReadFile(file) //nolint:gosec // whoever starts the program chooses the file
		if err != nil {
			return nil, err
		}
		if config.RootCAs = x509.NewCertPool(); !config.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, fmt.Errorf("%s has no certificate", file)
		}
	}
	if file := os.Getenv("AMQP_CERT"); file != "" {
		certificate, err := tls.LoadX509KeyPair(file, os.Getenv("AMQP_KEY"))
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}
