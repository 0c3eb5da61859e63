package asyncapi

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/asyncapi/spec"
)

// server decodes a server: 2.x has a URL, 3.x its parts.
func (d *decoder) server(f source.Field) *Server {
	v, ok := d.object(f.Value)
	if !ok {
		return nil
	}
	s := &Server{
		Location:    f.Location(),
		Name:        f.Name,
		Description: d.refs.Text(v, "description"),
		Extensions:  v.Extensions(),
	}
	d.servers[v], d.serverNames[f.Name] = s, s
	scheme, host, path := splitURL(d.withVariables(v, d.refs.Text(v, "url")))
	if d.major == 3 {
		_, host, _ = splitURL(d.withVariables(v, d.refs.Text(v, "host")))
		path = d.withVariables(v, d.refs.Text(v, "pathname"))
	}
	s.Protocol = d.protocol(v, scheme)
	s.Host = host
	if s.Protocol == "amqp" || s.Protocol == "amqps" {
		s.VirtualHost = cmp.Or(virtualHost(path), d.bindings.virtualHost(v))
	}
	return s
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

// withVariables replaces a server's variables by their defaults, or by the first value of an enum.
// A variable that has neither is left as it is.
func (d *decoder) withVariables(server *source.Value, text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	values := map[string]string{}
	for _, f := range d.refs.Entries(server, "variables") {
		variable, _ := d.refs.Resolve(f.Value)
		value := d.refs.Text(variable, "default")
		if choices := d.refs.Items(variable, "enum"); value == "" && len(choices) > 0 {
			value = choices[0].Text
		}
		values[f.Name] = value
	}
	return spec.WithParameters(text, values)
}

// splitURL splits a URL. Contracts leave out the scheme, and have braces where a URL has none, so
// that net/url would refuse many.
func splitURL(text string) (scheme, host, path string) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	}
	rest, _, _ = strings.Cut(rest, "?")
	host, path, _ = strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	return scheme, host, path
}

// virtualHost returns the virtual host that a URL's path names: an escaped slash is part of it.
func virtualHost(path string) string {
	path = strings.TrimPrefix(path, "/")
	if name, err := url.PathUnescape(path); err == nil {
		return name
	}
	return path
}
