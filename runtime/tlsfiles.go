package runtime

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLSFiles returns a function for Broker.TLS, and for a CertificateLogin, that reads files in PEM:
// authorities has the certificates to trust instead of the system's, and certificate and key are
// those of the client. An empty name stands for no file, as for all three the system's authorities
// and no certificate of the client. The minimum version is TLS 1.2.
//
// The files are read for each connection, so that they can be replaced while the program runs. What
// is wrong with one of them, by its name, is the error of the attempt to connect.
func TLSFiles(authorities, certificate, key string) func() (*tls.Config, error) {
	return func() (*tls.Config, error) {
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if authorities != "" {
			pem, err := os.ReadFile(authorities)
			if err != nil {
				return nil, err
			}
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM(pem) {
				return nil, fmt.Errorf("%s: no certificate in PEM", authorities)
			}
		}
		if certificate == "" && key == "" {
			return config, nil
		}
		pair, err := loadPair(certificate, key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
		return config, nil
	}
}

// loadPair reads the certificate and the key of a client.
func loadPair(certificate, key string) (tls.Certificate, error) {
	switch {
	case certificate == "":
		return tls.Certificate{}, fmt.Errorf("%s: a key without a certificate", key)
	case key == "":
		return tls.Certificate{}, fmt.Errorf("%s: a certificate without a key", certificate)
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil && !errors.As(err, new(*os.PathError)) {
		err = fmt.Errorf("%s and %s: %w", certificate, key, err)
	}
	return pair, err
}
