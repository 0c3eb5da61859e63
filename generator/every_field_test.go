package generator

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/internal/docpage"
)

// A fieldExample shows what becomes of a field: a contract with it, compared with one without it.
type fieldExample struct {
	version int    // of the contract: 2 or 3
	before  string // what both contracts set first: "pointer = JSON", one a line; may be empty
	at      string // the JSON pointer of the field
	value   string // JSON
}

// contracts are what the examples of each version change.
var contracts = map[int]string{
	2: `{"asyncapi": "2.6.0", "info": {"title": "Shop", "version": "1"}, "servers": {"main": {"url": "localhost:5672", "protocol": "amqp"}},
		"channels": {"c": {"bindings": {"amqp": {"is": "queue", "queue": {}}}, "publish": {"message": {"payload": {"type": "object"}}, "bindings": {"amqp": {}}}}}}`,
	3: `{"asyncapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "servers": {"main": {"host": "localhost:5672", "protocol": "amqp"}},
		"channels": {"c": {"address": "c", "messages": {"M": {"payload": {"type": "object"}}}}},
		"operations": {"o": {"action": "send", "channel": {"$ref": "#/channels/c"}, "bindings": {"amqp": {"expiration": 5}}}}}`,
}

const (
	ofChannel  = "/channels/c/"
	ofSend     = "/operations/o/"
	ofMessage3 = "/channels/c/messages/M/"
	ofMessage2 = "/channels/c/publish/message/"
	ofBinding3 = "/operations/o/bindings/amqp/"
	ofBinding2 = "/channels/c/publish/bindings/amqp/"
	ofServer   = "/servers/main/"
	tags       = `[{"name": "t"}]`
	page       = `{"url": "https://example.com"}`
	words      = `"Words."`
	scheme     = ofServer + "security"
	ofExchange = `/channels/c/bindings = {"amqp": {"is": "routingKey", "exchange": {"name": "x", "type": "topic"}}}`
	ofQueue    = `/channels/c/bindings = {"amqp": {"is": "queue", "queue": {}}}`
	exchange   = "/channels/c/bindings/amqp/exchange/"
	queue      = "/channels/c/bindings/amqp/queue/"
)

// security is an example of a field of the scheme of a server.
func security(scheme, field, value string) fieldExample {
	return fieldExample{3, ofServer + "security = [" + scheme + "]", ofServer + "security/0/" + field, value}
}

const flows = `{"password": {"tokenUrl": "https://example.com", "availableScopes": {}}}`

var fieldExamples = map[string]fieldExample{
	"contract.id":                 {3, "", "/id", `"urn:shop"`},
	"contract.servers":            {3, "", ofServer + "host", `"example.com"`},
	"contract.defaultContentType": {3, "", "/defaultContentType", `"application/vnd.shop+json"`},
	"contract.channels":           {3, "", "/channels/d", `{"address": "d", "messages": {"D": {"payload": {"type": "object"}}}}`},
	"contract.operations":         {3, "", "/operations/o/bindings/amqp/expiration", `6`},
	"contract.tags":               {2, "", "/tags", tags},
	"contract.externalDocs":       {2, "", "/externalDocs", page},

	"info.title":               {3, "", "/info/title", `"Stock"`},
	"info.description":         {3, "", "/info/description", words},
	"info.termsOfService":      {3, "", "/info/termsOfService", `"https://example.com"`},
	"info.contact":             {3, "", "/info/contact", `{"name": "n"}`},
	"info.license":             {3, "", "/info/license", `{"name": "n"}`},
	"info.tags":                {3, "", "/info/tags", tags},
	"info.externalDocs":        {3, "", "/info/externalDocs", page},
	"tag.name":                 {3, "/info/tags = " + tags, "/info/tags/0/name", `"u"`},
	"tag.description":          {3, "/info/tags = " + tags, "/info/tags/0/description", words},
	"tag.externalDocs":         {3, "/info/tags = " + tags, "/info/tags/0/externalDocs", page},
	"externalDocs.url":         {3, "/info/externalDocs = " + page, "/info/externalDocs/url", `"https://example.org"`},
	"externalDocs.description": {3, "/info/externalDocs = " + page, "/info/externalDocs/description", words},

	"server.url":             {2, "", ofServer + "url", `"example.com"`},
	"server.host":            {3, "", ofServer + "host", `"example.com"`},
	"server.pathname":        {3, "", ofServer + "pathname", `"/shop"`},
	"server.protocol":        {3, "", ofServer + "protocol", `"amqps"`},
	"server.protocolVersion": {3, "", ofServer + "protocolVersion", `"1.0"`},
	"server.title":           {3, "", ofServer + "title", `"The broker"`},
	"server.summary":         {3, "", ofServer + "summary", words},
	"server.description":     {3, "", ofServer + "description", words},
	"server.variables":       {3, ofServer + `host = "{region}.example.com"`, ofServer + "variables", `{"region": {"default": "eu"}}`},
	"server.security":        {3, "", ofServer + "security", `[{"type": "X509"}]`},
	"server.tags":            {3, "", ofServer + "tags", tags},
	"server.externalDocs":    {3, "", ofServer + "externalDocs", page},

	"server variable.enum":        {3, variable, ofServer + "variables/region/enum", `["eu", "us"]`},
	"server variable.default":     {3, variable, ofServer + "variables/region/default", `"eu"`},
	"server variable.description": {3, variable, ofServer + "variables/region/description", words},
	"server variable.examples":    {3, variable, ofServer + "variables/region/examples", `["eu"]`},

	"channel.address":      {3, "", ofChannel + "address", `"d"`},
	"channel.messages":     {3, "", ofChannel + "messages/N", `{"payload": {"type": "object"}}`},
	"channel.title":        {3, "", ofChannel + "title", `"The channel"`},
	"channel.summary":      {3, "", ofChannel + "summary", words},
	"channel.description":  {3, "", ofChannel + "description", words},
	"channel.servers":      {3, `/servers/k = {"host": "k", "protocol": "kafka"}`, ofChannel + "servers", `[{"$ref": "#/servers/k"}]`},
	"channel.subscribe":    {2, "", ofChannel + "subscribe", `{"message": {"name": "N", "payload": {"type": "object"}}}`},
	"channel.publish":      {2, "", ofChannel + "publish", `{"message": {"name": "N", "payload": {"type": "object"}}}`},
	"channel.deprecated":   {2, "", ofChannel + "deprecated", `true`},
	"channel.tags":         {3, "", ofChannel + "tags", tags},
	"channel.externalDocs": {3, "", ofChannel + "externalDocs", page},

	"channel.parameters":    {3, ofChannel + `address = "a.{p}"`, ofChannel + "parameters", `{"p": {"enum": ["a"]}}`},
	"parameter.description": {3, parameter, "/channels/c/parameters/p/description", words},
	"parameter.schema":      {2, `/channels/a.{p} = {"parameters": {"p": {}}, "publish": {"message": {"name": "A"}}}`, "/channels/a.{p}/parameters/p/schema", `{"type": "integer"}`},
	"parameter.enum":        {3, parameter, "/channels/c/parameters/p/enum", `["a"]`},
	"parameter.default":     {3, parameter, "/channels/c/parameters/p/default", `"a"`},
	"parameter.examples":    {3, parameter, "/channels/c/parameters/p/examples", `["a"]`},
	"parameter.location":    {3, parameter + "\n" + ofMessage3 + `payload = {"type": "object", "required": ["p"], "properties": {"p": {"type": "string"}}}`, "/channels/c/parameters/p/location", `"$message.payload#/p"`},

	"operation.action":       {3, `/operations/p = {"action": "send", "channel": {"$ref": "#/channels/c"}, "bindings": {"amqp": {"expiration": 7}}}`, ofSend + "action", `"receive"`},
	"operation.operationId":  {2, "", ofChannel + "publish/operationId", `"placed"`},
	"operation.message":      {2, "", ofMessage2 + "name", `"N"`},
	"operation.messages":     {3, ofChannel + `messages/N = {"payload": {"type": "object"}}`, ofSend + "messages", `[{"$ref": "#/channels/c/messages/N"}]`},
	"operation.reply":        {3, reply, ofSend + "reply", `{"channel": {"$ref": "#/channels/r"}}`},
	"reply.channel":          {3, reply, ofSend + "reply", `{"channel": {"$ref": "#/channels/r"}}`},
	"reply.messages":         {3, reply + "\n" + ofSend + `reply = {"channel": {"$ref": "#/channels/r"}}`, ofSend + "reply/messages", `[{"$ref": "#/channels/r/messages/R"}]`},
	"operation.title":        {3, "", ofSend + "title", `"The operation"`},
	"operation.summary":      {3, "", ofSend + "summary", words},
	"operation.description":  {3, "", ofSend + "description", words},
	"operation.security":     {3, "", ofSend + "security", `[{"type": "userPassword"}]`},
	"operation.tags":         {3, "", ofSend + "tags", tags},
	"operation.externalDocs": {3, "", ofSend + "externalDocs", page},

	"message.messageId":       {2, "", ofMessage2 + "messageId", `"placed"`},
	"message.headers":         {3, "", ofMessage3 + "headers", `{"type": "object", "properties": {"tenant": {"type": "string"}}}`},
	"message.payload":         {3, "", ofMessage3 + "payload", `{"type": "object", "properties": {"id": {"type": "string"}}}`},
	"message.correlationId":   {3, "", ofMessage3 + "correlationId", `{"location": "$message.header#/id"}`},
	"correlation ID.location": {3, ofMessage3 + `correlationId = {"location": "$message.header#/id"}`, ofMessage3 + "correlationId", `{"location": "$message.header#/other"}`},
	"message.schemaFormat":    {2, ofMessage2 + `payload = {"type": "string", "nullable": true}`, ofMessage2 + "schemaFormat", `"application/vnd.oai.openapi;version=3.0.0"`},
	"message.contentType":     {3, "", ofMessage3 + "contentType", `"application/vnd.shop+json"`},
	"message.name":            {3, "", ofMessage3 + "name", `"shop.m"`},
	"message.title":           {3, "", ofMessage3 + "title", `"The message"`},
	"message.summary":         {3, "", ofMessage3 + "summary", words},
	"message.description":     {3, "", ofMessage3 + "description", words},
	"message.deprecated":      {3, "", ofMessage3 + "deprecated", `true`},
	"message.tags":            {3, "", ofMessage3 + "tags", tags},
	"message.externalDocs":    {3, "", ofMessage3 + "externalDocs", page},
	"message.examples":        {3, "", ofMessage3 + "examples", `[{"payload": {}}]`},
	"messages.oneOf":          {2, "", ofChannel + "publish/message", `{"oneOf": [{"name": "M", "payload": {"type": "object"}}, {"name": "N", "payload": {"type": "object"}}]}`},
	"message example.payload": {3, ofMessage3 + `examples = [{"payload": {}}]`, ofMessage3 + "examples/0/payload", `{"a": 1}`},
	"components.schemas":      {3, ofMessage3 + `payload = {"$ref": "#/components/schemas/S"}` + "\n" + `/components = {"schemas": {"S": {"type": "object"}}}`, "/components/schemas/S", `{"type": "object", "properties": {"a": {}}}`},

	"security scheme.type":                        {3, password, scheme, `[{"type": "X509"}]`},
	"security by type alone.type":                 {3, password, scheme, `[{"type": "X509"}]`},
	"security by type alone.description":          security(`{"type": "userPassword"}`, "description", words),
	"security by API key.type":                    {3, "", scheme, `[{"type": "apiKey", "in": "user"}]`},
	"security by API key.description":             security(`{"type": "apiKey", "in": "user"}`, "description", words),
	"security by API key.in":                      {3, password, scheme, `[{"type": "apiKey", "in": "user"}]`},
	"security by HTTP API key.type":               {3, "", scheme, `[{"type": "httpApiKey", "in": "header", "name": "n"}]`},
	"security by HTTP API key.description":        security(`{"type": "httpApiKey", "in": "header", "name": "n"}`, "description", words),
	"security by HTTP API key.in":                 {3, password, scheme, `[{"type": "httpApiKey", "in": "header", "name": "n"}]`},
	"security by HTTP API key.name":               {3, password, scheme, `[{"type": "httpApiKey", "in": "header", "name": "n"}]`},
	"security by HTTP.type":                       {3, "", scheme, `[{"type": "http", "scheme": "digest"}]`},
	"security by HTTP.scheme":                     security(`{"type": "http", "scheme": "digest"}`, "scheme", `"basic"`),
	"security by HTTP.description":                security(`{"type": "http", "scheme": "basic"}`, "description", words),
	"security by bearer.type":                     {3, "", scheme, `[{"type": "http", "scheme": "bearer"}]`},
	"security by bearer.scheme":                   security(`{"type": "http", "scheme": "basic"}`, "scheme", `"bearer"`),
	"security by bearer.description":              security(`{"type": "http", "scheme": "bearer"}`, "description", words),
	"security by bearer.bearerFormat":             security(`{"type": "http", "scheme": "bearer"}`, "bearerFormat", `"JWT"`),
	"security by OAuth2.type":                     {3, "", scheme, `[{"type": "oauth2", "flows": ` + flows + `}]`},
	"security by OAuth2.description":              security(`{"type": "oauth2", "flows": `+flows+`}`, "description", words),
	"security by OAuth2.flows":                    {3, scheme + ` = [{"type": "openIdConnect", "openIdConnectUrl": "https://example.com"}]`, scheme, `[{"type": "oauth2", "flows": ` + flows + `}]`},
	"security by OAuth2.scopes":                   security(`{"type": "oauth2", "flows": `+flows+`}`, "scopes", `["a"]`),
	"security by OpenID Connect.type":             {3, "", scheme, `[{"type": "openIdConnect", "openIdConnectUrl": "https://example.com"}]`},
	"security by OpenID Connect.description":      security(`{"type": "openIdConnect", "openIdConnectUrl": "https://example.com"}`, "description", words),
	"security by OpenID Connect.openIdConnectUrl": {3, "", scheme, `[{"type": "openIdConnect", "openIdConnectUrl": "https://example.com"}]`},
	"security by OpenID Connect.scopes":           security(`{"type": "openIdConnect", "openIdConnectUrl": "https://example.com"}`, "scopes", `["a"]`),

	"amqp server.vhost":         {3, ofServer + `bindings = {"amqp": {}}`, ofServer + "bindings/amqp/vhost", `"v"`},
	"amqp server.virtualHost":   {3, ofServer + `bindings = {"amqp": {}}`, ofServer + "bindings/amqp/virtualHost", `"v"`},
	"amqp channel.is":           {3, `/channels/c/bindings = {"amqp": {"queue": {"durable": false}}}`, "/channels/c/bindings/amqp/is", `"queue"`},
	"amqp channel.exchange":     {3, "", "/channels/c/bindings", `{"amqp": {"is": "routingKey", "exchange": {"name": "x", "type": "topic"}}}`},
	"amqp channel.queue":        {3, "", "/channels/c/bindings", `{"amqp": {"is": "queue", "queue": {"name": "q"}}}`},
	"amqp exchange.name":        {3, ofExchange, exchange + "name", `"y"`},
	"amqp exchange.type":        {3, ofExchange, exchange + "type", `"direct"`},
	"amqp exchange.durable":     {3, ofExchange, exchange + "durable", `false`},
	"amqp exchange.autoDelete":  {3, ofExchange, exchange + "autoDelete", `true`},
	"amqp exchange.vhost":       {3, ofExchange, exchange + "vhost", `"v"`},
	"amqp exchange.arguments":   {3, ofExchange, exchange + "arguments", `{"alternate-exchange": "a"}`},
	"amqp exchange.x-arguments": {3, ofExchange, exchange + "x-arguments", `{"alternate-exchange": "a"}`},
	"amqp queue.name":           {3, ofQueue, queue + "name", `"q"`},
	"amqp queue.durable":        {3, ofQueue, queue + "durable", `false`},
	"amqp queue.exclusive":      {3, ofQueue, queue + "exclusive", `true`},
	"amqp queue.autoDelete":     {3, ofQueue, queue + "autoDelete", `true`},
	"amqp queue.vhost":          {3, ofQueue, queue + "vhost", `"v"`},
	"amqp queue.arguments":      {3, ofQueue, queue + "arguments", `{"x-max-length": 1}`},
	"amqp queue.x-arguments":    {3, ofQueue, queue + "x-arguments", `{"x-max-length": 1}`},

	"amqp operation.expiration":    {3, "", ofBinding3 + "expiration", `6`},
	"amqp operation.userId":        {3, "", ofBinding3 + "userId", `"shop"`},
	"amqp operation.cc":            {3, "", ofBinding3 + "cc", `["d"]`},
	"amqp operation.bcc":           {3, "", ofBinding3 + "bcc", `["d"]`},
	"amqp operation.priority":      {3, "", ofBinding3 + "priority", `3`},
	"amqp operation.deliveryMode":  {3, "", ofBinding3 + "deliveryMode", `1`},
	"amqp operation.mandatory":     {3, "", ofBinding3 + "mandatory", `false`},
	"amqp operation.replyTo":       {2, "", ofBinding2 + "replyTo", `"d"`},
	"amqp operation.timestamp":     {3, "", ofBinding3 + "timestamp", `true`},
	"amqp operation.ack":           {3, `/operations/o/action = "receive"`, ofBinding3 + "ack", `false`},
	"amqp operation.x-routing-key": {3, ofExchange, ofBinding3 + "x-routing-key", `"k"`},
	"amqp operation.routingKey":    {2, ofExchange, ofBinding2 + "routingKey", `"k"`},
	"amqp operation.exchange":      {2, `/channels/c/bindings = {}`, ofBinding2 + "exchange", `{"name": "x", "type": "topic"}`},
	"amqp operation.queue":         {2, `/channels/c/bindings = {}`, ofBinding2 + "queue", `{"name": "q"}`},
	"amqp operation.prefetch":      {2, "", ofBinding2 + "prefetch", `5`},
	"amqp operation.consumerTag":   {2, "", ofBinding2 + "consumerTag", `"t"`},
	"amqp operation.exclusive":     {2, "", ofBinding2 + "exclusive", `true`},
	"amqp message.contentEncoding": {3, ofMessage3 + `bindings = {"amqp": {}}`, ofMessage3 + "bindings/amqp/contentEncoding", `"gzip"`},
	"amqp message.messageType":     {3, ofMessage3 + `bindings = {"amqp": {}}`, ofMessage3 + "bindings/amqp/messageType", `"t"`},
}

const (
	password  = ofServer + `security = [{"type": "userPassword"}]`
	variable  = ofServer + `host = "{region}.example.com"` + "\n" + ofServer + `variables = {"region": {}}`
	reply     = `/channels/r = {"address": null, "messages": {"R": {"payload": {"type": "object"}}, "S": {"payload": {"type": "object"}}}}`
	parameter = ofChannel + `address = "a.{p}"` + "\n" + ofChannel + `parameters = {"p": {}}`
)

// docs/contract.md says of each field what becomes of it. Each row that says something has an
// example, which shows it.
func TestEveryField(t *testing.T) {
	table := docpage.Part(t, "../docs/contract.md", "fields")
	shown := maps.Clone(fieldExamples)
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| [^|]+ \\| (\\w+) \\|").FindAllStringSubmatch(table, -1) {
		field, becomes := row[1], row[2]
		example, has := shown[field]
		delete(shown, field)
		switch {
		case has:
			t.Run(field, func(t *testing.T) { example.show(t, field, becomes) })
		case becomes != "read" && becomes != "nothing":
			t.Errorf("%s becomes %s, and no example shows it", field, becomes)
		}
	}
	for field := range shown {
		t.Errorf("there is an example of %s, and docs/contract.md has no row for it", field)
	}
}

// show compares what is generated with and without the field.
func (e fieldExample) show(t *testing.T, field, becomes string) {
	_, name, _ := strings.Cut(field, ".")
	module := newModule(t, "example.com/fields")
	contract := contracts[e.version]
	for line := range strings.Lines(e.before) {
		at, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		contract = set(t, contract, at, value)
	}
	without := resultOf(t, module, contract)
	with := resultOf(t, module, set(t, contract, e.at, e.value))
	differs := !cmp.Equal(without.files, with.files)
	switch becomes {
	case "code", "comment":
		isComment := cmp.Equal(withoutComments(without.files), withoutComments(with.files))
		if !differs || becomes == "comment" && !isComment || becomes == "code" && isComment {
			t.Errorf("the files differ: %v, in comments alone: %v", differs, isComment)
		}
	case "note":
		found := newIn(with.notes, without.notes)
		if !slices.ContainsFunc(found, func(note string) bool { return strings.Contains(note, name) }) {
			t.Errorf("no note is about %s: %q", name, found)
		}
	default:
		t.Errorf("an example of a field that becomes %q", becomes)
	}
}

// A fieldResult is what is generated from a contract: files, and lines about it.
type fieldResult struct {
	files           map[string]string
	notes, problems []string
}

func resultOf(t *testing.T, module, contract string) fieldResult {
	t.Helper()
	file := filepath.Join(module, "contract.json")
	put(t, file, contract)
	output, problems, err := Generate(Config{Contract: file, Out: filepath.Join(module, "out"), Tests: true})
	if err != nil || problems.Fatal() {
		t.Fatal(err, problems)
	}
	r := fieldResult{files: map[string]string{}}
	for _, f := range output.Files {
		r.files[f.Name] = string(f.Content)
	}
	for _, note := range output.Notes {
		r.notes = append(r.notes, note.Path+": "+note.Message)
	}
	for _, p := range problems {
		r.problems = append(r.problems, p.Path+": "+p.Message)
	}
	return r
}

func newIn(lines, than []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return slices.Contains(than, line) })
}

var goComment = regexp.MustCompile(`(?m)^\s*//.*\n|[ \t]*//.*$`)

func withoutComments(files map[string]string) map[string]string {
	bare := map[string]string{}
	for name, content := range files {
		bare[name] = goComment.ReplaceAllString(content, "")
	}
	return bare
}

// set returns a JSON document with the value at a pointer, whose parent must be there.
func set(t *testing.T, document, pointer, value string) string {
	t.Helper()
	var root, v any
	for _, text := range []struct {
		json string
		to   *any
	}{{document, &root}, {value, &v}} {
		if err := json.Unmarshal([]byte(text.json), text.to); err != nil {
			t.Fatalf("%s: %v", text.json, err)
		}
	}
	parts := strings.Split(pointer, "/")[1:]
	parent := root
	for _, part := range parts[:len(parts)-1] {
		if list, ok := parent.([]any); ok {
			parent = list[0]
			continue
		}
		next, ok := parent.(map[string]any)[part]
		if !ok {
			t.Fatalf("%s: there is no %q", pointer, part)
		}
		parent = next
	}
	parent.(map[string]any)[parts[len(parts)-1]] = v
	content, err := json.MarshalIndent(root, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s\n", content)
}
