package asyncapi

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/asyncapi/spec"
)

// A Server is one entry of servers. In Host and Path the names of variables are in braces.
type Server struct {
	source.Location
	Name            string
	Protocol        string // lower case: amqp, amqps, mqtt
	ProtocolVersion string
	Scheme          string // of the address, in lower case; most have none
	Host            string // host and port, without scheme, user or path
	Path            string // of the address, without its first slash, percent-encoded
	HasSlash        bool   // the address has the first slash of a path, whatever follows
	HasUser         bool   // the address has a user, and perhaps a password: neither is kept
	HasQuery        bool   // the address has query parameters or a fragment: neither is kept
	// IsUnclear reports that the address has an @ after its host, or a password with a character that
	// is not percent-encoded. Nothing of it is kept, because any part may be of the password.
	IsUnclear bool
	// VirtualHost is the name of the virtual host, with the default of each variable: from Path, else
	// from the server's binding. It is empty when the contract does not say.
	VirtualHost string
	// BindingHost is the virtual host in the server's binding.
	BindingHost string
	Variables   []*ServerVariable
	Security    [][]*SecurityScheme // alternatives; all schemes of one are needed together
	Texts
	Extensions source.Extensions
	Source     *source.Value // the server's object
}

// At returns the location of the first of some fields that the server has, or of the server itself.
func (s *Server) At(names ...string) source.Location {
	for _, name := range names {
		if v := s.Source.Get(name); v != nil {
			return v.Location()
		}
	}
	return s.Location
}

// IsAMQP reports whether the server speaks AMQP 0-9-1, with or without TLS.
func (s *Server) IsAMQP() bool { return s.Protocol == "amqp" || s.Protocol == "amqps" }

// A ServerVariable is a part of a server's address that is known only where a program runs.
type ServerVariable struct {
	source.Location
	Name        string
	Default     *source.Value // nil: it has none
	Enum        []*source.Value
	Description string
	Examples    []string
	Extensions  source.Extensions
}

// A SecurityScheme is one way to log in to a server.
type SecurityScheme struct {
	source.Location        // of the reference to it
	Type            string // userPassword, X509, oauth2 and so on
	Scheme          string // of the type http, in lower case: basic, bearer
	Description     string
}

// server decodes a server: 2.x has a URL, 3.x its parts.
func (d *decoder) server(f source.Field) *Server {
	v, ok := d.object(f.Value)
	if !ok {
		return nil
	}
	s := &Server{
		Location:        f.Location(),
		Name:            f.Name,
		ProtocolVersion: d.refs.Text(v, "protocolVersion"),
		Variables:       d.serverVariables(v),
		Security:        d.security(v),
		Texts:           d.texts(v),
		Extensions:      v.Extensions(),
		Source:          v,
	}
	d.servers[v], d.serverNames[f.Name] = s, s
	d.address(s, v)
	s.Protocol = d.protocol(v, withDefaults(s.Scheme, s.Variables))
	if s.IsAMQP() {
		s.BindingHost = d.bindings.virtualHost(v)
		s.VirtualHost = cmp.Or(PathUnescaped(withDefaults(s.Path, s.Variables)), s.BindingHost)
	}
	return s
}

// address fills in the parts of the server's address. In 3.x many contracts write a whole URL into
// host; its path is read where there is no pathname.
func (d *decoder) address(s *Server, v *source.Value) {
	text := d.refs.Text(v, "url")
	if d.major == 3 {
		text = d.refs.Text(v, "host")
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 && strings.Contains(rest[end:], "@") {
		s.IsUnclear, s.HasUser = true, true
		return
	}
	rest, s.HasQuery = cutAny(rest, "?#")
	host, path, hasSlash := strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host, s.HasUser = host[at+1:], true
	}
	if pathname := d.refs.Field(v, "pathname"); d.major == 3 && pathname != nil && pathname.Kind == source.String {
		path, hasSlash = strings.CutPrefix(pathname.Text, "/")
	}
	s.Scheme, s.Host, s.Path, s.HasSlash = strings.ToLower(scheme), host, path, hasSlash
}

// cutAny returns the part of text before the first of some characters, and whether there is one.
func cutAny(text, characters string) (before string, found bool) {
	if i := strings.IndexAny(text, characters); i >= 0 {
		return text[:i], true
	}
	return text, false
}

// protocol returns the protocol in lower case. Ruby symbols (":amqp") are read in 2.x.
func (d *decoder) protocol(server *source.Value, scheme string) string {
	v := d.refs.Field(server, "protocol")
	if v == nil || v.Kind != source.String {
		return strings.ToLower(scheme)
	}
	name := v.Text
	if symbol, ok := strings.CutPrefix(name, ":"); ok && d.major == 2 {
		d.report(source.Warning, v, "the protocol "+name+" is read as "+symbol, "write "+symbol)
		name = symbol
	}
	return strings.ToLower(name)
}

func (d *decoder) serverVariables(server *source.Value) []*ServerVariable {
	var all []*ServerVariable
	for _, f := range d.refs.Entries(server, "variables") {
		v, ok := d.object(f.Value)
		if !ok {
			continue
		}
		variable := &ServerVariable{
			Location: f.Location(), Name: f.Name, Description: d.refs.Text(v, "description"),
			Enum: d.strings(v, "enum"), Extensions: v.Extensions(),
		}
		if value := d.refs.Field(v, "default"); value != nil && value.Kind == source.String {
			variable.Default = value
		}
		for _, example := range d.strings(v, "examples") {
			variable.Examples = append(variable.Examples, example.Text)
		}
		all = append(all, variable)
	}
	return all
}

// strings returns the items of a list that are strings.
func (d *decoder) strings(v *source.Value, name string) []*source.Value {
	var all []*source.Value
	for _, item := range d.refs.Items(v, name) {
		if item.Kind == source.String {
			all = append(all, item)
		}
	}
	return all
}

// withDefaults replaces a server's variables by their defaults, or by the first value of an enum.
// A variable that has neither is left as it is.
func withDefaults(text string, variables []*ServerVariable) string {
	values := map[string]string{}
	for _, variable := range variables {
		switch {
		case variable.Default != nil && variable.Default.Text != "":
			values[variable.Name] = variable.Default.Text
		case len(variable.Enum) > 0:
			values[variable.Name] = variable.Enum[0].Text
		}
	}
	return spec.WithParameters(text, values)
}

// PathUnescaped returns the name of a virtual host from the path of a server's address: an escaped
// slash is part of it. A path that is not escaped correctly is taken as it is.
func PathUnescaped(path string) string {
	if name, err := url.PathUnescape(path); err == nil {
		return name
	}
	return path
}

// security decodes the security of a server or an operation: in 2.x names of schemes, in 3.x
// schemes.
func (d *decoder) security(v *source.Value) [][]*SecurityScheme {
	var alternatives [][]*SecurityScheme
	for _, item := range d.refs.Items(v, "security") {
		var together []*SecurityScheme
		if d.major == 3 {
			together = d.securityScheme(together, item, item.Location())
		} else {
			schemes := d.refs.At(d.root, "components", "securitySchemes")
			for _, f := range item.Fields {
				together = d.securityScheme(together, schemes.Get(f.Name), f.Location())
			}
		}
		alternatives = append(alternatives, together)
	}
	return alternatives
}

// securityScheme adds the scheme that a value is or refers to.
func (d *decoder) securityScheme(all []*SecurityScheme, v *source.Value, at source.Location) []*SecurityScheme {
	scheme, ok := d.object(v)
	if !ok {
		return all
	}
	return append(all, &SecurityScheme{
		Location: at, Type: d.refs.Text(scheme, "type"),
		Scheme: strings.ToLower(d.refs.Text(scheme, "scheme")), Description: d.refs.Text(scheme, "description"),
	})
}
