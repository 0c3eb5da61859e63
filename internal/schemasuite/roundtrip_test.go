//go:build !race

package schemasuite

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/internal/rabbittest"
)

// A tripCase is a contract, whose messages are published and consumed.
type tripCase struct {
	Name    string              // its folder in the module
	URL     string              // of RabbitMQ; empty: a broker in memory
	Samples map[string][]string // JSON by the names of the payload types

	packages []string // those with clients
}

// A trip is what became of one message: published by one package, handled by others.
type trip struct{ Case, Package, Message, Wrong string }

// noTrip are the messages that are not handled, with the reason.
var noTrip = map[string]string{
	"examples/orders.OrderPlaced": "the case has producers alone",
}

// harder are samples of types for which the maker finds none, or none that fits a routing key.
var harder = map[string][]string{
	"Low": {`{"article": {"sku": "a-1"}}`},
	"Everything": {`{"text": "abc", "flag": true, "small": -5, "large": 9007199254740990, "ratio": 0.5, "tags": ["a"], "level": "low", "nothing": null, "maybe": null,
		"moment": "2020-01-02T03:04:05Z", "day": "2020-01-02", "identity": "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "picture": "aGVsbG8=", "email": "a@b.c", "color": "日本",
		"port": 443, "version": "v1", "counts": {"a": 1}, "matrix": [[1.5]], "anything": [1], "address": {"URL": "https://example.com"}, "inline": {"deep": {"deeper": "x"}}}`},
	"Told": {`{"optional": {"type": "moved", "to": "depot"}, "required": {"type": "moved", "next": {"type": "lost"}}}`, `{"several": {"type": "s2"}}`, `{"mapped": {"type": "ByText"}}`},
}

// TestRoundTrips publishes samples of each message of each golden case and example with the
// generated producers, and has the generated consumers handle them: as JSON that is equal, and
// without one that is invalid. The broker is one in memory, and RabbitMQ where there is one.
func TestRoundTrips(t *testing.T) {
	module := newClientModule(t)
	cases := tripCases(t, module)
	put(t, filepath.Join(module, "main.go"), tripMain)
	put(t, filepath.Join(module, "clients.go"), clientsOf(module, cases))
	t.Run("memory", func(t *testing.T) { runTrips(t, module, cases) })
	t.Run("RabbitMQ", func(t *testing.T) {
		for i := range cases {
			cases[i].URL = rabbittest.New(t).URL
		}
		runTrips(t, module, cases)
	})
}

func runTrips(t *testing.T, module string, cases []tripCase) {
	t.Helper()
	text, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(module, "cases.json"), string(text))
	command := exec.CommandContext(t.Context(), "go", "run", ".")
	command.Dir = module
	out, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("the generated module: %v\n%s", err, exit.Stderr)
	}
	var trips []trip
	if err := json.Unmarshal(out, &trips); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	handled := 0
	for _, trip := range trips {
		name := trip.Case + "/" + trip.Package + "." + trip.Message
		switch reason := noTrip[name]; {
		case trip.Wrong == "":
			handled++
		case reason == "":
			t.Errorf("%s: %s", name, trip.Wrong)
		}
	}
	t.Logf("%d of %d messages of %d contracts were handled", handled, len(trips), len(cases))
}

// newClientModule makes a module that can import generated clients.
func newClientModule(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, file := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		if file == "go.mod" {
			const own = "github.com/scampgen/scampgen"
			text = strings.Replace(text, "module "+own, "module example.com/golden", 1) + "\nrequire " + own + " v0.0.0\n\nreplace " + own + " => " + root + "\n"
		}
		put(t, filepath.Join(dir, file), text)
	}
	return dir
}

// tripCases generates from all golden cases that give packages, and from the examples.
func tripCases(t *testing.T, module string) []tripCase {
	t.Helper()
	root, err := filepath.Abs("../..") // a case is generated in its own working folder
	if err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob(filepath.Join(root, "testdata/golden/*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []tripCase
	for _, file := range archives {
		if filepath.Base(file) == "stream.txtar" {
			continue // its consumers begin where the contract or a program says: what is published later
		}
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(module, strings.TrimSuffix(filepath.Base(file), ".txtar"))
		for _, f := range archive.Files {
			if !strings.HasPrefix(f.Name, "out/") && f.Name != "stderr" {
				put(t, filepath.Join(dir, f.Name), string(f.Data))
			}
		}
		cases = appendCase(t, cases, dir)
	}
	for _, example := range []string{"examples/orders/orders.yaml", "internal/subscribers/subscribers.yaml", "internal/unions/unions.json", "internal/hostile/hostile.yaml"} {
		content, err := os.ReadFile(filepath.Join(root, example))
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(module, "example"+strings.TrimSuffix(filepath.Base(example), path.Ext(example)))
		put(t, filepath.Join(dir, "contract"+path.Ext(example)), string(content))
		cases = appendCase(t, cases, dir)
	}
	return cases
}

// appendCase generates from the contract in a folder, unless it is broken.
func appendCase(t *testing.T, cases []tripCase, dir string) []tripCase {
	t.Helper()
	t.Chdir(dir)
	config := generator.Config{Out: "out"}
	if _, err := os.Stat(generator.ConfigName); err == nil {
		read, problems := generator.ReadConfig(generator.ConfigName, false)
		if problems.Fatal() {
			return cases
		}
		config = read
		config.Out = "out"
	}
	for _, name := range []string{"contract.yaml", "contract.json"} {
		if _, err := os.Stat(name); err == nil {
			config.Contract = name
		}
	}
	if config.Contract == "" {
		return cases
	}
	output, problems, err := generator.Generate(config)
	if err != nil {
		t.Fatal(err)
	}
	if problems.Fatal() {
		return cases
	}
	c := tripCase{Name: filepath.Base(dir), Samples: samplesOf(config)}
	for _, f := range output.Files {
		put(t, filepath.Join("out", f.Name), string(f.Content))
		if path.Base(f.Name) == "queue.gen.go" {
			c.packages = append(c.packages, path.Dir(f.Name))
		}
	}
	return append(cases, c)
}

// samplesOf returns examples of the payload types, and values made from their schemas.
func samplesOf(config generator.Config) map[string][]string {
	doc, _ := asyncapi.Load(config.Contract, source.Options{AllowOutside: config.AllowOutside})
	planned, _ := plan.Build(doc, plan.Options{Output: names.Output{ImportPath: "example.com/golden"}, Tests: true})
	samples := map[string][]string{}
	if planned == nil {
		return samples
	}
	for _, e := range planned.Examples {
		samples[e.Type] = append(samples[e.Type], e.Text)
	}
	schemas := schemasByPlace(doc, true)
	for _, declared := range planned.Declared {
		if harder[declared.GoName] != nil {
			samples[declared.GoName] = harder[declared.GoName]
			continue
		}
		s := schemas[[2]string{declared.File, declared.Path}]
		m := &maker{random: rand.New(rand.NewPCG(1, 1))}
		for range 50 {
			if s == nil {
				break
			}
			if text, err := json.Marshal(m.make(s)); err == nil {
				samples[declared.GoName] = append(samples[declared.GoName], string(text))
			}
		}
	}
	return samples
}

// clientsOf is a Go file with the constructors of all cases.
func clientsOf(module string, cases []tripCase) string {
	imports, entries := map[string]bool{}, map[string]bool{}
	for i, c := range cases {
		for j, name := range c.packages {
			alias := fmt.Sprintf("c%dp%d", i, j)
			file := filepath.Join(name, "queue.gen.go")
			text, err := os.ReadFile(filepath.Join(module, c.Name, "out", file))
			if err != nil {
				panic(err)
			}
			entry := fmt.Sprintf("\t{caseName: %q, name: %q", c.Name, name)
			if strings.Contains(string(text), "\nfunc NewProducer(") {
				entry += ", producer: " + alias + ".NewProducer"
			}
			if strings.Contains(string(text), "\nfunc NewConsumer(") {
				entry += ", consumer: " + alias + ".NewConsumer, handler: " + alias + ".HandlerFuncs{}"
			}
			imports[fmt.Sprintf("\t%s %q\n", alias, "example.com/golden/"+c.Name+"/out/"+name)] = true
			entries[entry+"},\n"] = true
		}
	}
	return "package main\n\nimport (\n" + strings.Join(slices.Sorted(maps.Keys(imports)), "") + ")\n\nvar clients = []client{\n" +
		strings.Join(slices.Sorted(maps.Keys(entries)), "") + "}\n"
}

const tripMain = `package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// A client is one generated package; of what it does not have the value is nil.
type client struct {
	caseName, name              string
	producer, consumer, handler any
}

type tripCase struct {
	Name, URL string
	Samples   map[string][]string
}

type trip struct{ Case, Package, Message, Wrong string }

func main() {
	text, err := os.ReadFile("cases.json")
	check(err)
	var cases []tripCase
	check(json.Unmarshal(text, &cases))
	all := []trip{}
	for _, c := range cases {
		all = append(all, c.run()...)
	}
	check(json.NewEncoder(os.Stdout).Encode(all))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// A handled is a message that a handler was called with.
type handled struct{ message, json string }

// A suite is the consumers of one case.
type suite struct {
	tripCase
	source  runtime.Source
	handled chan handled
	names   map[string]bool // the messages that some consumer handles
	consumers []*runtime.Consumer
}

func (c tripCase) run() []trip {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s := &suite{tripCase: c, source: scamptest.New(), handled: make(chan handled, 1000), names: map[string]bool{}}
	if c.URL != "" {
		connection := runtime.DedicatedConnection(runtime.Broker{URL: c.URL})
		defer func() { _ = connection.Close(context.Background()) }()
		s.source = runtime.DedicatedChannel(connection)
	}
	var all []trip
	for _, client := range clients {
		if client.caseName == c.Name && client.consumer != nil {
			if err := s.consume(ctx, client); err != nil {
				all = append(all, trip{c.Name, client.name, "", "consumer: " + err.Error()})
			}
		}
	}
	for _, client := range clients {
		if client.caseName == c.Name && client.producer != nil {
			all = append(all, s.produce(ctx, client)...)
		}
	}
	return all
}

// consume starts the consumer of a package. Each of its handlers reports what it is called with.
func (s *suite) consume(ctx context.Context, c client) error {
	handler := reflect.New(reflect.TypeOf(c.handler)).Elem()
	for i := range handler.NumField() {
		name, signature := handler.Type().Field(i).Name, handler.Field(i).Type()
		s.names[name] = true
		handler.Field(i).Set(reflect.MakeFunc(signature, func(in []reflect.Value) []reflect.Value {
			message := in[len(in)-1]
			if _, isHeaders := message.Interface().(runtime.TypedHeaders); isHeaders {
				message = in[len(in)-2]
			}
			s.handled <- handled{name, jsonOf(message)}
			out := make([]reflect.Value, signature.NumOut())
			for i := range out {
				out[i] = reflect.Zero(signature.Out(i))
			}
			return out
		}))
	}
	construct := reflect.ValueOf(c.consumer)
	in := []reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(s.source)}
	if construct.Type().In(2) == reflect.TypeFor[runtime.Queue]() {
		in = append(in, reflect.ValueOf(runtime.Queue{Name: "given." + c.name, Durable: true}))
	}
	out := construct.Call(append(in, handler))
	if err, _ := out[1].Interface().(error); err != nil {
		return err
	}
	consumer := out[0].Interface().(*runtime.Consumer)
	s.consumers = append(s.consumers, consumer)
	go func() { _ = consumer.Run(ctx) }()
	select {
	case <-consumer.Ready():
		return nil
	case <-time.After(20 * time.Second):
		return fmt.Errorf("is not ready")
	}
}

// produce publishes a sample of each message of a package.
func (s *suite) produce(ctx context.Context, c client) []trip {
	out := reflect.ValueOf(c.producer).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(s.source)})
	if err, _ := out[1].Interface().(error); err != nil {
		return []trip{{s.Name, c.name, "", "producer: " + err.Error()}}
	}
	var all []trip
	for i := range out[0].NumMethod() {
		name, found := strings.CutPrefix(out[0].Type().Method(i).Name, "Publish")
		if !found || strings.HasSuffix(name, "Async") {
			continue
		}
		t := trip{Case: s.Name, Package: c.name, Message: name}
		if err := s.publish(ctx, name, out[0].Method(i)); err != nil {
			t.Wrong = err.Error()
		}
		all = append(all, t)
	}
	return all
}

func (s *suite) publish(ctx context.Context, name string, method reflect.Value) error {
	t := method.Type()
	in := []reflect.Value{reflect.ValueOf(ctx)}
	body := t.NumIn() - 2 // the last before the options, but for headers
	var headers []reflect.Value
	if t.In(body).Implements(reflect.TypeFor[runtime.TypedHeaders]()) {
		samples, err := s.samples(t.In(body))
		if err != nil {
			return err
		}
		headers, body = samples[:1], body-1
	}
	for i := 1; i < body; i++ {
		in = append(in, filled(t.In(i)))
	}
	messages, err := s.samples(t.In(body))
	if err != nil {
		return err
	}
	invalid := s.invalid()
	for _, message := range messages {
		for {
			err, _ := method.Call(slices.Concat(in, []reflect.Value{message}, headers))[1].Interface().(error)
			if err == nil {
				break
			}
			if !corrected(in, err) {
				return fmt.Errorf("publish %s: %w", jsonOf(message), err)
			}
		}
		if err := s.wait(name, jsonOf(message), invalid); err != nil {
			return err
		}
	}
	return nil
}

// wait waits until a handler has been called with the message.
func (s *suite) wait(name, want string, invalid int64) error {
	limit := time.After(10 * time.Second)
	var others []string
	for {
		select {
		case got := <-s.handled:
			if got.json == want {
				return nil
			}
			others = append(others, got.json) // of an earlier message, for its second subscriber
		case <-time.After(100 * time.Millisecond):
			if s.invalid() > invalid {
				return fmt.Errorf("%s is invalid to its consumer", want)
			}
		case <-limit:
			return fmt.Errorf("%s was not handled, but %q (a consumer has a handler: %v)", want, others, s.names[name])
		}
	}
}

func (s *suite) invalid() (n int64) {
	for _, consumer := range s.consumers {
		n += consumer.Count(runtime.EventInvalid)
	}
	return n
}

// samples returns at most 5 valid values of the type of a message.
func (s *suite) samples(t reflect.Type) ([]reflect.Value, error) {
	switch {
	case t.Kind() == reflect.String:
		return []reflect.Value{reflect.ValueOf("a text")}, nil
	case t == reflect.TypeFor[[]byte]():
		return []reflect.Value{reflect.ValueOf([]byte{0, 1, 2})}, nil
	}
	texts := []string{"{}", "1", "\"a\"", "[]"}
	bare := t
	if t.Kind() == reflect.Pointer {
		bare = t.Elem()
	}
	if known := s.Samples[bare.Name()]; known != nil {
		texts = known
	}
	var all []reflect.Value
	var last error
	for _, text := range texts {
		value := reflect.New(bare)
		if last = json.Unmarshal([]byte(text), value.Interface()); last != nil {
			continue
		}
		if checked, ok := value.Interface().(interface{ Validate() error }); ok {
			if last = checked.Validate(); last != nil {
				continue
			}
		}
		if t.Kind() != reflect.Pointer {
			value = value.Elem()
		}
		if all = append(all, value); len(all) == 5 {
			break
		}
	}
	if all == nil {
		return nil, fmt.Errorf("none of %d samples of %s is valid, the last because %w", len(texts), t, last)
	}
	return all, nil
}

// filled returns a struct whose strings are not empty: parameters of a routing key.
func filled(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if v.Field(i).Kind() == reflect.String {
				v.Field(i).SetString("a")
			}
		}
	}
	return v
}

var wrongParameter = regexp.MustCompile("parameter \"([^\"]+)\": \"a\" is (?:none of \\[\"([^\"]+)|not of the type)")

// corrected gives the parameter that an error is about a value that is allowed. It returns false when
// there is no such parameter.
func corrected(in []reflect.Value, err error) bool {
	found := wrongParameter.FindStringSubmatch(err.Error())
	if found == nil {
		return false
	}
	for _, v := range in[1:] {
		for i := range v.NumField() {
			if field := v.Field(i); field.Kind() == reflect.String && field.String() == "a" && strings.EqualFold(v.Type().Field(i).Name, found[1]) {
				field.SetString(cmp.Or(found[2], "1"))
				return true
			}
		}
	}
	return false
}

func jsonOf(v reflect.Value) string {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return err.Error()
	}
	return string(text)
}
`
