package asyncapi

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// An officialSchema is a part of the official JSON schema of a binding.
type officialSchema struct {
	Type       string
	Enum       []any
	Minimum    *int64
	Items      *officialSchema
	Properties map[string]officialSchema
	Required   []string
}

// amqpDifferences are the fields for which the tables say otherwise than the official JSON schemas
// of the amqp bindings, with the reason.
var amqpDifferences = map[string]string{
	"exchange.arguments":   "RabbitMQ's queues and exchanges have arguments, and the official schema lets other fields be",
	"queue.arguments":      "RabbitMQ's queues and exchanges have arguments, and the official schema lets other fields be",
	"operation.expiration": "AMQP sends it as a text, and RabbitMQ reads 32 bits of it",
	"operation.priority":   "AMQP has one byte for it",
}

// The tables of the amqp bindings and the official JSON schemas of version 0.3.0 say the same, but
// for the differences.
func TestOfficialAMQPBindings(t *testing.T) {
	channel := officialBinding(t, "channel")
	shown := map[string]bool{}
	for _, object := range []struct {
		name     string
		table    *source.Table
		official officialSchema
	}{
		{"channel", channelTable3.Table, channel},
		{"exchange", exchangeTable.Table, channel.Properties["exchange"]},
		{"queue", queueTable.Table, channel.Properties["queue"]},
		{"operation", operationTable3.Table, officialBinding(t, "operation")},
		{"message", messageTable3.Table, officialBinding(t, "message")},
	} {
		ours, official := fieldsOfTable(object.table), fieldsOfOfficial(object.official)
		for _, name := range slices.Sorted(maps.Keys(ours)) {
			if key := object.name + "." + name; ours[name] != official[name] && amqpDifferences[key] != "" {
				shown[key] = true
				delete(ours, name)
				delete(official, name)
			}
		}
		if diff := cmp.Diff(official, ours); diff != "" {
			t.Errorf("%s (-official +ours):\n%s", object.name, diff)
		}
	}
	for key := range amqpDifferences {
		if !shown[key] {
			t.Errorf("%s no longer shows a difference", key)
		}
	}
}

// officialBinding returns the official schema of a binding from that of AsyncAPI 3.1.0.
func officialBinding(t *testing.T, name string) officialSchema {
	t.Helper()
	file, err := os.Open(filepath.Join("spec", "testdata", "official", "3.1.0.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var whole struct{ Definitions map[string]json.RawMessage }
	if err := json.NewDecoder(text).Decode(&whole); err != nil {
		t.Fatal(err)
	}
	var schema officialSchema
	if err := json.Unmarshal(whole.Definitions["http://asyncapi.com/bindings/amqp/0.3.0/"+name+".json"], &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// fieldsOfTable returns the fields of a table with what each must be. Extensions are ours alone.
func fieldsOfTable(table *source.Table) map[string]string {
	fields := map[string]string{}
	for _, row := range table.Rows {
		if !source.IsExtension(row.Name) {
			fields[row.Name] = demand(row.Is.String(), row.Required)
		}
	}
	return fields
}

// fieldsOfOfficial returns the fields of an official schema with what each must be, in the words of
// source.Type.
func fieldsOfOfficial(s officialSchema) map[string]string {
	fields := map[string]string{}
	for name, field := range s.Properties {
		fields[name] = demand(field.text(), slices.Contains(s.Required, name))
	}
	return fields
}

func demand(is string, required bool) string {
	if required {
		return is + ", required"
	}
	return is
}

// text returns the type of a field.
func (s officialSchema) text() string {
	switch {
	case s.Type == "string" && s.Enum != nil:
		return source.Choice(strings.Fields(strings.Trim(fmt.Sprint(s.Enum), "[]"))...).String()
	case s.Type == "string":
		return source.Text.String()
	case s.Type == "boolean":
		return source.Flag.String()
	case s.Type == "object":
		return source.Map.String()
	case s.Type == "array" && s.Items.text() == source.Text.String():
		return source.Texts.String()
	case s.Type == "integer" && s.Enum != nil:
		return source.Integer(int64(s.Enum[0].(float64)), int64(s.Enum[len(s.Enum)-1].(float64))).String()
	case s.Type == "integer" && s.Minimum != nil:
		return source.Integer(*s.Minimum, math.MaxInt64).String()
	case s.Type == "integer":
		return source.Integer(math.MinInt64, math.MaxInt64).String()
	}
	return "a " + s.Type + " that is not read"
}
