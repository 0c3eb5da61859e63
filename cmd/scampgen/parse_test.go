package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	generates := func(t contractTask) task { return &generate{contractTask: t} }
	checks := func(t contractTask) task { return &check{contractTask: t} }
	tests := map[string]task{
		"":                              generates(contractTask{}),
		"generate":                      generates(contractTask{}),
		"orders.yaml":                   generates(contractTask{contract: "orders.yaml"}),
		"../contracts/orders":           generates(contractTask{contract: "../contracts/orders"}),
		"generate orders -out x":        generates(contractTask{contract: "orders", out: "x"}),
		"-out x orders.yaml -v":         &generate{contractTask{contract: "orders.yaml", out: "x"}, true},
		"generate -v -- -odd.yaml":      &generate{contractTask{contract: "-odd.yaml"}, true},
		"check -config=c.yaml -strict":  checks(contractTask{config: "c.yaml", findings: findings{strict: true}}),
		"generate -side producer a.yml": generates(contractTask{contract: "a.yml", side: "producer"}),
		"validate a.yml -allow-remote b.yml -allow-outside": &validate{
			contracts: []string{"a.yml", "b.yml"}, allowOutside: choice{true, true}, allowRemote: choice{true, true},
		},
		"check -allow-outside=false -tests=0 -allow-imports example.com/a,b.org": checks(contractTask{
			allowOutside: choice{given: true}, tests: choice{given: true}, allowImports: &[]string{"example.com/a", "b.org"},
		}),
		"check -allow-imports=": checks(contractTask{allowImports: &[]string{}}),
		"check -diff a.yml":     &check{contractTask{contract: "a.yml"}, true},
		"version":               &version{},
		"-version":              &version{},
		"--version":             &version{},
		"-h":                    &help{},
		"--help":                &help{},
		"help":                  &help{},
		"help check":            &help{topic: "check"},
		"check -h":              &help{topic: "check"},
		"a.yml -help":           &help{topic: "generate"},
	}
	for line, want := range tests {
		got, err := parse(strings.Fields(line))
		if err != nil {
			t.Errorf("parse(%q): %v", line, err)
		}
		if diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("parse(%q) (-want +got):\n%s", line, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]string{
		"generat":                   `there is no command "generat"; did you mean "generate"?`,
		"gen":                       `there is no command "gen"; did you mean "generate"?`,
		"-output x a.yml":           "flag provided but not defined: -output; did you mean -out?; run scampgen generate -h for help",
		"help chek":                 `there is no command "chek"; did you mean "check"?; run scampgen help -h for help`,
		"generate a.yml b.yml":      "generate takes one contract, not 2; run scampgen generate -h for help",
		"a.yml b.yml":               "generate takes one contract, not 2; run scampgen generate -h for help",
		"validate -config c a b":    "validate takes one contract with -config; run scampgen validate -h for help",
		"generate -o x":             "flag provided but not defined: -o; did you mean -out?; run scampgen generate -h for help",
		"generate -strct":           "flag provided but not defined: -strct; did you mean -strict?; run scampgen generate -h for help",
		"validate -out x":           "flag provided but not defined: -out; run scampgen validate -h for help",
		"check -v":                  "flag provided but not defined: -v; run scampgen check -h for help",
		"generate -out":             "flag needs an argument: -out; run scampgen generate -h for help",
		"generate -side both,":      `-side is "both,", not producer, consumer or both; run scampgen generate -h for help`,
		"check -tests=maybe":        `invalid boolean value "maybe" for -tests: strconv.ParseBool: parsing "maybe": invalid syntax; run scampgen check -h for help`,
		"check -allow-imports ../a": `invalid value "../a" for flag -allow-imports: malformed import path "../a": invalid path element ".."; run scampgen check -h for help`,
		"version 2":                 "version takes no arguments; run scampgen version -h for help",
		"help check version":        "help takes one command; run scampgen help -h for help",
	}
	for line, want := range tests {
		if _, err := parse(strings.Fields(line)); err == nil || err.Error() != want {
			t.Errorf("parse(%q) returned %v, wanted %s", line, err, want)
		}
	}
}
