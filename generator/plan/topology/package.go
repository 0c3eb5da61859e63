package topology

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// queuePackage returns the name of g's package: the one that the user sets, else that of the queue,
// else that of the address.
func (b *builder) queuePackage(g *group) string {
	if given := b.givenPackage(g); given != "" {
		return given
	}
	first := g.endpoints[0]
	name := packageSource(first)
	pkg := names.PackageName(name)
	if wrong := names.PackageProblem(pkg); wrong != "" {
		b.report.Mistake(first.channel.Location,
			fmt.Sprintf("%q gives no name for a Go package: %s", name, wrong),
			`set x-go-name on the channel, or "package" for it in scampgen.yaml`)
	}
	return pkg
}

// packageSource returns the name that describes e best: that of the queue, else the address, else
// the name of the channel. The address "/" of WebSocket contracts is called root.
func packageSource(e *endpoint) string {
	for _, name := range []string{e.queueName(), e.channel.Address, e.channel.Name} {
		if names.PackageName(name) != "" {
			return name
		}
	}
	if strings.Trim(e.channel.Address, "/") == "" {
		return "root"
	}
	return e.channel.Name
}

// givenPackage returns the package name that is set for any of g's channels, "" when there is none.
// Different ones are a mistake, because the channels share a package.
func (b *builder) givenPackage(g *group) string {
	var given string
	var by *endpoint
	for _, e := range g.endpoints {
		name := b.packageOf(e)
		switch {
		case name == "":
		case by == nil:
			given, by = name, e
		case name != given:
			at := e.origin()
			b.report.Mistake(at.Location, fmt.Sprintf("the package is called %s here, and %s by %s, which means the same queue",
				name, given, by.origin()), "give both channels the same name, or only one of them a name")
		}
	}
	return given
}

// packageOf returns the package name of e that the configuration or x-go-name sets, "" when neither
// does.
func (b *builder) packageOf(e *endpoint) string {
	c := e.channel
	name, at := b.read.Text(c.Extensions, extension.GoName), c.Location
	if v := c.Extensions[extension.GoName]; v != nil {
		at = v.Location()
	}
	if e.options.Package != "" {
		name, at = e.options.Package, c.Location
	}
	if name == "" {
		return ""
	}
	if wrong := names.PackageProblem(name); wrong != "" || name != names.PackageName(name) {
		b.report.Mistake(at, fmt.Sprintf("%q cannot be the name of a Go package: %s", name, cmp.Or(wrong, "it has more than lower-case letters and digits")), "")
	}
	return name
}
