package runtime

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// A Server is a RabbitMQ server as a contract describes it. Generated packages have a function for
// each server of their contract, which calls Broker; a program needs neither.
type Server struct {
	// Name is the server's name in the contract, for errors.
	Name string

	// TLS says whether connections use TLS: the protocol amqps.
	TLS bool

	// Host is the host and, after a colon, the port. Without one it is 5672, or 5671 with TLS.
	Host string

	// VirtualHost is the name of the virtual host, not percent-encoded. If empty, it is "/".
	VirtualHost string

	// Variables are the values of the names in braces in Host and VirtualHost.
	Variables []ServerVariable
}

// A ServerVariable is a part of the address of a Server that is known only where a program runs.
type ServerVariable struct {
	Name     string
	Value    string   // empty: Default
	Default  string   // the contract's
	Enum     []string // the values that the contract allows; empty: any
	Required bool     // without a default, and an empty value is none
}

// Broker returns the broker to connect to, with all other fields of it unset. The error names each
// variable without a value and each value that the contract does not allow, or says why the
// address cannot be connected to or the login cannot be used. It contains no password.
func (s Server) Broker(login Login) (Broker, error) {
	broker, err := s.broker(login)
	if err != nil {
		return Broker{}, fmt.Errorf("runtime: server %q: %w", s.Name, err)
	}
	return broker, nil
}

func (s Server) broker(login Login) (broker Broker, err error) {
	host, virtualHost, err := s.address()
	if err != nil {
		return Broker{}, err
	}
	if login == nil {
		return Broker{}, errors.New("no login: pass a PasswordLogin, a TokenLogin or a CertificateLogin")
	}
	if _, isCertificate := login.(CertificateLogin); isCertificate && !s.TLS {
		return Broker{}, errors.New("a CertificateLogin needs TLS, which the protocol amqp does not have")
	}
	address := &url.URL{Scheme: "amqp", Host: host}
	if s.TLS {
		address.Scheme = "amqps"
	}
	if virtualHost != "" && virtualHost != "/" {
		escaped := strings.ReplaceAll(url.PathEscape(virtualHost), "@", "%40") // parseEndpoint refuses an @ here
		address.Path, address.RawPath = "/"+virtualHost, "/"+escaped
	}
	if err := login.apply(&broker, address); err != nil {
		return Broker{}, err
	}
	broker.URL = address.String()
	if _, err := parseEndpoint(broker.URL); err != nil {
		return Broker{}, fmt.Errorf("the address %w", err)
	}
	return broker, nil
}

// address returns the host and the virtual host with the values of the variables.
func (s Server) address() (host, virtualHost string, err error) {
	var replacements []string
	var problems []error
	for _, v := range s.Variables {
		value, err := v.value()
		if err != nil {
			problems = append(problems, err)
		}
		replacements = append(replacements, "{"+v.Name+"}", value)
	}
	if len(problems) > 0 {
		return "", "", errors.Join(problems...)
	}
	replacer := strings.NewReplacer(replacements...)
	host, virtualHost = replacer.Replace(s.Host), replacer.Replace(s.VirtualHost)
	if strings.ContainsAny(host, "/?#@{}") {
		return "", "", fmt.Errorf("%q is not a host with or without a port", host)
	}
	if err := checkURLHost(host); err != nil {
		return "", "", fmt.Errorf("the address %q %w", host, err)
	}
	return host, virtualHost, nil
}

// value returns the value that is used.
func (v ServerVariable) value() (string, error) {
	value := cmp.Or(v.Value, v.Default)
	switch {
	case value == "" && v.Required && len(v.Enum) > 0:
		return "", fmt.Errorf("the variable %s has no value: it must be one of %q", v.Name, v.Enum)
	case value == "" && v.Required:
		return "", fmt.Errorf("the variable %s has no value", v.Name)
	case len(v.Enum) > 0 && !slices.Contains(v.Enum, value):
		return "", fmt.Errorf("the variable %s is %q: it must be one of %q", v.Name, value, v.Enum)
	}
	return value, nil
}
