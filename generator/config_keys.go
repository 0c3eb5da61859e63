package generator

import "github.com/scampgen/scampgen/asyncapi/source"

// A configKey is a row of the table of keys: the type of its value, and how it is read.
type configKey struct {
	source.Row
	read func(r *configReader, v *source.Value)
}

// configKeys are the keys of the file. A test holds docs/config.md and docs/scampgen.schema.json to
// this table. A new key is a new row, with its field in Config, and its lines in both documents.
var configKeys = []configKey{
	{
		source.Row{Name: "version", Is: source.Any, Doc: "the version of the format: 1"},
		func(*configReader, *source.Value) {}, // read before everything else
	},
	{
		source.Row{Name: "contract", Is: source.Word, Doc: "the AsyncAPI contract"},
		func(r *configReader, v *source.Value) { r.file(v, &r.config.Contract); r.config.NamedAt = v.Location() },
	},
	{
		source.Row{Name: "out", Is: source.Word, Doc: "the folder that the packages are written to"},
		func(r *configReader, v *source.Value) { r.file(v, &r.config.Out) },
	},
	{
		source.Row{Name: "side", Is: sides, Doc: "which clients are generated"},
		func(r *configReader, v *source.Value) { r.config.Side, _ = ParseSide(v.Text) },
	},
	{
		source.Row{Name: "channels", Is: source.Map, Doc: "choices for single channels"},
		(*configReader).channels,
	},
	{
		source.Row{Name: "types", Is: source.Map, Doc: "Go types of the user's own, by the schema's name"},
		(*configReader).types,
	},
	{
		source.Row{Name: "messages", Is: source.Map, Doc: "Go names and AMQP types of messages"},
		(*configReader).messages,
	},
	{
		source.Row{Name: "messages-package", Is: source.Word, Doc: "the name of the package of messages"},
		func(r *configReader, v *source.Value) { r.config.MessagesPackage = r.packageName(v) },
	},
	{
		source.Row{Name: "servers", Is: source.Flag, Doc: "whether there is a package of the contract's servers"},
		func(r *configReader, v *source.Value) { r.config.NoServers = v.Text == "false" },
	},
	{
		source.Row{Name: "servers-package", Is: source.Word, Doc: "the name of the package of servers"},
		func(r *configReader, v *source.Value) { r.config.ServersPackage = r.packageName(v) },
	},
	{
		source.Row{Name: "initialisms", Is: source.List.Hint("write a list such as [SKU, ERP]"), Doc: "words that Go names write in capitals"},
		(*configReader).initialisms,
	},
	{
		source.Row{Name: "tests", Is: source.Flag, Doc: "whether there is a test of the contract's examples"},
		func(r *configReader, v *source.Value) { r.config.Tests = v.Text == "true" },
	},
	{
		source.Row{Name: "literal-types", Is: source.Flag, Doc: "whether a schema without a type allows values of all types"},
		func(r *configReader, v *source.Value) { r.config.LiteralTypes = v.Text == "true" },
	},
	{
		source.Row{Name: "ignore-formats", Is: source.Flag, Doc: "whether formats are remarks"},
		func(r *configReader, v *source.Value) { r.config.IgnoreFormats = v.Text == "true" },
	},
	{
		source.Row{Name: "allow-outside", Is: source.Flag, Doc: "whether references may lead out of the contract's folder"},
		func(r *configReader, v *source.Value) { r.config.AllowOutside = v.Text == "true" },
	},
	{
		source.Row{Name: "allow-remote", Is: source.Flag, Doc: "whether references may lead to http and https addresses"},
		func(r *configReader, v *source.Value) { r.config.AllowRemote = v.Text == "true" },
	},
	{
		source.Row{Name: "allow-imports", Is: source.List.Hint("write a list such as [example.com/shop]"), Doc: "what x-go-type may import"},
		(*configReader).imports,
	},
}

// sides is the type of a side's name.
var sides = source.Choice("producer", "consumer", "both")

// channelTable is of the choices for one channel.
var channelTable = &source.Table{Title: "a channel", Rows: []source.Row{
	{Name: "package", Is: source.Word, Doc: "the name of the channel's package"},
	{Name: "side", Is: sides, Doc: "which clients are generated for this channel"},
}}

// messageTable is of the choices for one message.
var messageTable = &source.Table{Title: "a message", Rows: []source.Row{
	{Name: "name", Is: source.Word, Doc: "the Go name"},
	{Name: "type", Is: source.Word, Doc: "the AMQP type"},
}}

// renameTable is of the Go name of a schema.
var renameTable = &source.Table{Title: "a new name", Rows: []source.Row{
	{Name: "name", Is: source.Word, Required: true, Doc: "the Go name"},
}}

// configTable returns the table of the file.
func configTable() *source.Table {
	table := &source.Table{Title: ConfigName}
	for _, key := range configKeys {
		table.Rows = append(table.Rows, key.Row)
	}
	return table
}
