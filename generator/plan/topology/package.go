package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// waysOut is how a package gets another name.
const waysOut = "set " + extension.GoName + " on one of the channels or queues"

// namePackages gives each group the name of its package: the one that the user sets, else that of the
// queue, else that of the address. If packages of addresses would have the name of another one, they
// are named after their channels.
func (b *builder) namePackages(groups []*group) {
	count := map[string]int{}
	for name := range b.options.Reserved {
		count[name] = 1
	}
	var ofAddress []*group
	for _, g := range groups {
		g.name = b.givenPackage(g)
		if g.name == "" {
			g.name = names.PackageName(g.nameSource())
			if g.queue == nil {
				ofAddress = append(ofAddress, g)
			}
		}
		count[g.name]++
	}
	for _, g := range ofAddress {
		name := names.PackageName(g.first().channel.Name)
		if count[g.name] > 1 && names.PackageProblem(name) == "" {
			g.name = name
		}
	}
	for _, g := range groups {
		if wrong := names.PackageProblem(g.name); wrong != "" && b.givenPackage(g) == "" {
			at := g.origin()
			b.report.Mistake(at.Location, fmt.Sprintf("%q gives no name for a Go package: %s", g.nameSource(), wrong), names.WaysOut("set "+extension.GoName+" on the channel or the queue", at, at))
		}
	}
}

// nameSource returns the name that describes g best.
func (g *group) nameSource() string {
	e := g.first()
	if g.queue == nil {
		return addressSource(e)
	}
	return packageSource(e)
}

// packageSource returns the name that describes e best: that of the queue, else the address, else
// the name of the channel. The address "/" of WebSocket contracts is called root.
func packageSource(e *endpoint) string {
	if name := e.queueName(); names.PackageName(name) != "" {
		return name
	}
	return addressSource(e)
}

func addressSource(e *endpoint) string {
	for _, name := range []string{e.channel.Address, e.channel.Name} {
		if names.PackageName(name) != "" {
			return name
		}
	}
	if strings.Trim(e.channel.Address, "/") == "" {
		return "root"
	}
	return e.channel.Name
}

// givenPackage returns the package name that is set for g, by its queue or by any of its channels, ""
// when there is none. Different names of channels are a mistake, because the channels share a package.
func (b *builder) givenPackage(g *group) string {
	if g.queue != nil {
		if name := b.packageOfQueue(g.queue); name != "" {
			return name
		}
	}
	var given string
	var by *endpoint
	for _, e := range g.own() {
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
	return b.checkedPackage(c.Extensions, e.options.Package, c.Location)
}

// packageOfQueue returns the package name that the configuration or x-go-name in the queue sets, ""
// when neither does.
func (b *builder) packageOfQueue(q *brokerQueue) string {
	return b.checkedPackage(q.spec.Extensions, b.queueOptions(q).Package, q.spec.Location)
}

// queueOptions returns the user's choices for q by its name, unless a channel has that name or address:
// then they are the channel's.
func (b *builder) queueOptions(q *brokerQueue) ChannelOptions {
	isChannel := func(c *asyncapi.Channel) bool { return c.Name == q.declared.Name || c.Address == q.declared.Name }
	if slices.ContainsFunc(b.doc.Channels, isChannel) {
		return ChannelOptions{}
	}
	return b.options.Channels[q.declared.Name]
}

// checkedPackage returns a package name of the configuration, else that of x-go-name.
func (b *builder) checkedPackage(e source.Extensions, configured string, at source.Location) string {
	name := configured
	if name == "" {
		name = b.read.Text(e, extension.GoName)
		if v := e[extension.GoName]; v != nil {
			at = v.Location()
		}
	}
	if name == "" {
		return ""
	}
	if wrong := names.PackageProblem(name); wrong != "" || name != names.PackageName(name) {
		b.report.Mistake(at, fmt.Sprintf("%q cannot be the name of a Go package: %s", name, cmp.Or(wrong, "it has more than lower-case letters and digits")), "")
	}
	return name
}

// own returns the endpoints of g that are in no other package: not those of an address that has a
// package beside that of the queue.
func (g *group) own() []*endpoint {
	isElsewhere := func(e *endpoint) bool { return e.isPublishable() && !slices.Contains(g.published, e) }
	return slices.DeleteFunc(g.all(), isElsewhere)
}

// origin returns what a group's package is made from: its channel, or a queue whose channels have
// packages of their own.
func (g *group) origin() names.Origin {
	if own := g.own(); len(own) > 0 {
		return own[0].origin()
	}
	return names.Origin{
		Location: g.queue.spec.Location, What: names.Called("queue", g.queue.declared.Name), Way: names.InConfig("channels", g.queue.declared.Name, "package"),
	}
}
