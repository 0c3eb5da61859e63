// Package servers decides which functions connect to the servers of a contract: their names, their
// variables, and how a program logs in.
package servers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/spec"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime"
)

// A Server is the function that connects to one server.
type Server struct {
	GoName  string // of the function: Production
	Doc     names.Doc
	Address runtime.Server // its Variables have no values: those are fields of the struct
	// Fields are those of the struct of variables, one for each of Address.Variables. If there is
	// none, there is no such struct.
	Fields []Field
	Login  Login
}

// VariablesName returns the name of the struct of variables.
func (s Server) VariablesName() string { return s.GoName + "Variables" }

// A Field is a variable of a server's address.
type Field struct {
	GoName string
	Doc    names.Doc
	Type   string           // the type of an enum, declared in the same package; empty: string
	Values []names.Constant // of the enum
}

// Build decides what is generated for the servers of doc that speak amqp. It returns them sorted
// by GoName, none when there is no such server. of names the package in problems. Problems go to r.
func Build(doc *asyncapi.Document, of names.Package, namer names.Namer, r *report.Report) []Server {
	b := &builder{doc: doc, namer: namer, report: r, read: extension.NewReader(r), scope: names.NewScope("package "+of.Name, r)}
	b.scope.Hint = "set " + extension.GoName + " on one of them, or leave the package out with servers: false in scampgen.yaml"
	var all []Server
	for _, s := range slices.SortedFunc(slices.Values(doc.Servers), func(x, y *asyncapi.Server) int { return cmp.Compare(x.Name, y.Name) }) {
		if !s.IsAMQP() {
			r.Note(s.Location, fmt.Sprintf("server %q speaks %s: no function connects to it", s.Name, s.Protocol))
			continue
		}
		planned, ok := b.server(s)
		if ok && r.Spend(report.Weight(planned), s.Location) {
			all = append(all, planned)
		}
	}
	b.noteOperations()
	slices.SortFunc(all, func(x, y Server) int { return cmp.Compare(x.GoName, y.GoName) })
	return all
}

// A builder holds what the steps of one Build share.
type builder struct {
	doc    *asyncapi.Document
	namer  names.Namer
	report *report.Report
	read   extension.Reader
	scope  *names.Scope // of the package
}

// server plans the function of s. It returns false, and has reported why, when there is none.
func (b *builder) server(s *asyncapi.Server) (Server, bool) {
	planned := Server{GoName: b.goName(s), Doc: names.DocOf(s.Texts)}
	if planned.GoName == "" {
		return planned, false
	}
	planned.Address = runtime.Server{
		Name: s.Name, TLS: s.Protocol == "amqps" || s.Scheme == "amqps",
		Host: s.Host, VirtualHost: cmp.Or(asyncapi.PathUnescaped(s.Path), s.BindingHost),
	}
	if s.IsUnclear {
		b.report.Warn(s.At("url", "host"), fmt.Sprintf("no function connects to server %q: its address has an @ after the host, or a user or password that ends early", s.Name),
			"take user and password out of the contract, and percent-encode what remains (@ as %40)")
		return planned, false
	}
	b.address(s)
	for _, v := range b.variables(s) {
		field, variable := b.variable(planned, s, v)
		planned.Fields, planned.Address.Variables = append(planned.Fields, field), append(planned.Address.Variables, variable)
	}
	if wrong := unreachable(planned.Address); wrong != nil {
		why := wrong.Error()
		if len(planned.Fields) > 0 {
			why = fmt.Sprintf("%q is no host with or without a port, whatever the variables are", s.Host)
		}
		b.report.Warn(s.At("url", "host"), fmt.Sprintf("no function connects to server %q: %s", s.Name, why),
			"write the host and, after a colon, the port; what is known only at run time is a variable in single braces")
		return planned, false
	}
	planned.Login = b.login(s, planned.Address.TLS)
	planned.Doc.Notes = loginNotes(s)
	b.claim(planned, s)
	return planned, true
}

// goName returns the name of the function, "" after reporting that there is none.
func (b *builder) goName(s *asyncapi.Server) string {
	if given := names.Given(b.read, s.Extensions); given != "" {
		return given
	}
	name := b.namer.Exported(s.Name)
	if !names.IsExported(name) {
		b.report.Mistake(s.Location, fmt.Sprintf("%q cannot be made a Go name", s.Name), "set "+extension.GoName+" on the server, or servers: false in scampgen.yaml")
		return ""
	}
	return name
}

// address reports what the address says that is not generated.
func (b *builder) address(s *asyncapi.Server) {
	at := s.At("url", "host")
	if s.Scheme != "" && s.Scheme != s.Protocol && !strings.Contains(s.Scheme, "{") {
		with := "without"
		if s.Scheme == "amqps" || s.Protocol == "amqps" {
			with = "with"
		}
		b.report.Warn(at, fmt.Sprintf("the address begins with %s:// and the protocol is %s: connections are made %s TLS", s.Scheme, s.Protocol, with),
			"let them agree")
	}
	if s.HasUser {
		b.report.Warn(at, "the user and password in the address do not become code: a program passes them to the server's function",
			"take them out of the contract, and describe the login in the server's security")
	}
	if s.HasQuery {
		b.report.Warn(at, "the query and fragment of the address are ignored", "the program sets the fields of Broker instead")
	}
	if strings.HasPrefix(s.ProtocolVersion, "1") {
		b.report.Note(s.At("protocolVersion"), "the protocol is version "+s.ProtocolVersion+" in the contract; clients speak AMQP 0-9-1")
	}
	if s.HasSlash && s.Path == "" {
		b.report.Note(s.At("pathname", "url"), `the path / is read as the default virtual host, whose name is "/": AMQP's rules for addresses make it one `+
			"with an empty name, which RabbitMQ does not have; leave the path out, or write /%2F")
	}
}

// unreachable returns why no broker can be made of an address, even with a value for each variable;
// nil when one can.
func unreachable(address runtime.Server) error {
	address.Variables = slices.Clone(address.Variables)
	for i, v := range address.Variables {
		if v.Required {
			address.Variables[i].Value = "1" // can be a part of a host, and a port
			if len(v.Enum) > 0 {
				address.Variables[i].Value = v.Enum[0]
			}
		}
	}
	_, err := address.Broker(runtime.PasswordLogin{User: "user", Password: "password"})
	return errors.Unwrap(err)
}

// variables returns the variables in the host and the path of s, in the order of their definitions.
// Those without one come last.
func (b *builder) variables(s *asyncapi.Server) []*asyncapi.ServerVariable {
	used := spec.Parameters(s.Host + "/" + s.Path)
	undefined := make(map[string]bool, len(used))
	for _, name := range used {
		undefined[name] = true
	}
	var all []*asyncapi.ServerVariable
	for _, v := range s.Variables {
		if undefined[v.Name] {
			all = append(all, v)
			delete(undefined, v.Name)
		} else if b.doc.Major() == 3 { // in 2.x it is in another part of the URL
			b.report.Warn(v.Location, fmt.Sprintf("the variable %q is neither in the host nor in the pathname", v.Name), "take it out, or write {"+v.Name+"} where it belongs")
		}
	}
	for _, name := range used {
		if !undefined[name] {
			continue
		}
		b.report.Warn(s.At("url", "host"), fmt.Sprintf("the variable {%s} of the address is not defined", name), "describe it under the server's variables")
		all = append(all, &asyncapi.ServerVariable{Location: s.Location, Name: name})
	}
	return all
}

// variable plans one variable of a server.
func (b *builder) variable(of Server, s *asyncapi.Server, v *asyncapi.ServerVariable) (Field, runtime.ServerVariable) {
	text := func(value string) string {
		if strings.Contains(s.Path, "{"+v.Name+"}") {
			return asyncapi.PathUnescaped(value)
		}
		return value
	}
	variable := runtime.ServerVariable{Name: v.Name}
	for _, value := range v.Enum {
		variable.Enum = append(variable.Enum, text(value.Text))
	}
	hasDefault := v.Default != nil
	if hasDefault {
		variable.Default = text(v.Default.Text)
		if len(variable.Enum) > 0 && !slices.Contains(variable.Enum, variable.Default) {
			b.report.Warn(v.Default.Location(), fmt.Sprintf("the default %q is not in the enum: the variable has none", v.Default.Text), "add it to the enum")
			variable.Default, hasDefault = "", false
		}
	}
	variable.Required = !hasDefault && !slices.Contains(variable.Enum, "")
	field := Field{GoName: b.fieldName(v), Doc: names.Doc{Description: v.Description, Notes: variableNotes(variable, hasDefault, v.Examples)}}
	if len(v.Enum) > 0 {
		field.Type = of.GoName + field.GoName
		field.Values = names.Constants(b.read, b.namer, field.Type, v.Extensions, v.Enum, variable.Enum)
	}
	return field, variable
}

func (b *builder) fieldName(v *asyncapi.ServerVariable) string {
	if given := names.Given(b.read, v.Extensions); given != "" {
		return given
	}
	name := b.namer.Exported(v.Name)
	if !names.IsExported(name) {
		b.report.Mistake(v.Location, fmt.Sprintf("%q cannot be made a Go name", v.Name), "set "+extension.GoName+" on the variable")
	}
	return name
}

// variableNotes are the sentences about the values of a variable.
func variableNotes(v runtime.ServerVariable, hasDefault bool, examples []string) string {
	var notes []string
	switch {
	case v.Required:
		notes = append(notes, "Required.")
	case hasDefault:
		notes = append(notes, fmt.Sprintf("Default: %q.", v.Default))
	}
	if len(examples) > 0 {
		notes = append(notes, fmt.Sprintf("Example: %q.", examples[0]))
	}
	return strings.Join(notes, " ")
}

// claim reserves the names of everything that is declared for a server.
func (b *builder) claim(planned Server, s *asyncapi.Server) {
	from := names.Origin{Location: s.Location, What: names.Called("server", s.Name)}
	b.scope.Claim(planned.GoName, from)
	if len(planned.Fields) == 0 {
		return
	}
	b.scope.Claim(planned.VariablesName(), from)
	fields := names.NewScope("struct "+planned.VariablesName(), b.report)
	fields.Hint = b.scope.Hint
	for i, field := range planned.Fields {
		of := names.Origin{Location: s.Location, What: names.Called("variable", planned.Address.Variables[i].Name)}
		fields.Claim(field.GoName, of)
		if field.Type != "" {
			b.scope.Claim(field.Type, of)
		}
		for _, constant := range field.Values {
			b.scope.Claim(constant.GoName, names.Origin{Location: s.Location, What: names.Called("value", constant.Value)})
		}
	}
}
