package generator

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A caseRow is a contract of the cases folder, with what is right for it: what the generated files
// have, and what is said.
type caseRow struct {
	has     []string // regular expressions
	hasNot  []string
	problem string // a part of what is said; "" when nothing is
	refused bool   // there are no packages
}

// caseRows has each contract of the cases folder.
var caseRows = map[string]caseRow{
	"discriminator-not-required":   {has: []string{`By: "type"`, `Values: \[\]string\{"moved"\}`}},
	"message-name":                 {has: []string{`"parcel\.moved\.v1"`, `PublishParcelMoved\(`}},
	"channel-without-message":      {has: []string{`PublishParcelMoved\(ctx context\.Context, \w+ \[\]byte`}, problem: "the channel has no message"},
	"mistyped-binding-2x":          {problem: `did you mean "amqp"?`},
	"required-headers":             {has: []string{`headers \*messages\.ParcelMovedHeaders`, `Tenant +string`}, problem: "the reply has no messages"},
	"const-beside-enum":            {has: []string{`type ParcelMovedC string`, `ParcelMovedCMoved +ParcelMovedC = "moved"`}, hasNot: []string{`payload\.Raw`}},
	"discriminator-inheritance":    {has: []string{`(?s)type Van struct \{[^}]*Wheels`, `(?s)type Bike struct \{[^}]*Wheels`, `\*Van`}},
	"other-protocol-binding":       {has: []string{`PublishParcelMoved\(`}},
	"one-key-two-exchanges":        {has: []string{`package vanmoved`, `package depotmoved`}},
	"schema-at-file-root":          {has: []string{`Parcel is the schema in parcel\.json`, `Lost is /definitions/Lost in lost\.json`}},
	"titles-that-repeat":           {has: []string{`// Where the parcel is\.\n`}, hasNot: []string{`// Kind\.\n`, `// # `}},
	"recursive-optional-nullable":  {has: []string{`Cause payload\.Optional\[\*Fault\]`}},
	"nullable-in-asyncapi-dialect": {problem: `"nullable" is not a keyword of AsyncAPI's schemas and is ignored; write type: [..., "null"]`},
	"number-format-int64": {
		has:     []string{`U64 +\*uint64`, `U64b +\*uint64`, `U32 +\*uint32`, `N32 +\*int32`, `N64 +\*int64`},
		problem: `the format "int64" is not one of the type string and is not used`,
	},
	"x-go-name-beside-ref": {has: []string{`TwoFactor +\*Flag`}},
	"dead-letter-nowhere":  {problem: `the dead letters of queue "dlx.work" go nowhere`, refused: true},
	"two-subscribers":      {has: []string{`package billingorders`, `package shippingorders`, `package ordersregionconfirmed`}},
}

// TestCases generates from each contract of the cases folder, compiles what comes out, and holds it
// against what is right.
func TestCases(t *testing.T) {
	contracts, err := filepath.Glob(filepath.Join(casesFolder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(contracts) == 0 {
		t.Skipf("the cases are not there: put them in %s", casesFolder)
	}
	module := newModule(t, "example.com/cases")
	for _, contract := range contracts {
		name := strings.TrimSuffix(filepath.Base(contract), ".yaml")
		t.Run(name, func(t *testing.T) {
			row, known := caseRows[name]
			if !known {
				t.Fatal("the case has no row here")
			}
			row.check(t, contract, filepath.Join(module, name))
		})
	}
	typeCheck(t, module)
	content, err := os.ReadFile(filepath.Join(casesFolder, "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-z0-9-]+) \|`).FindAllStringSubmatch(string(content), -1) {
		if _, known := caseRows[row[1]]; !known {
			t.Errorf("the row %s of the cases is not tested", row[1])
		}
	}
}

func (r caseRow) check(t *testing.T, contract, out string) {
	t.Helper()
	output, problems, err := Generate(Config{Contract: contract, Out: out, AllowOutside: true})
	if err != nil {
		t.Fatal(err)
	}
	if said := problems.Error(); r.problem == "" && len(problems) > 0 || !strings.Contains(said, r.problem) {
		t.Errorf("what is said is\n%s\nwant %q", said, r.problem)
	}
	if problems.Fatal() != r.refused || !r.refused && len(output.Files) == 0 {
		t.Errorf("there are %d files", len(output.Files))
	}
	var all strings.Builder
	for _, f := range output.Files {
		put(t, filepath.Join(out, f.Name), string(f.Content))
		all.Write(f.Content)
	}
	for _, pattern := range r.has {
		if !regexp.MustCompile(pattern).MatchString(all.String()) {
			t.Errorf("the generated files do not have %s", pattern)
		}
	}
	for _, pattern := range r.hasNot {
		if regexp.MustCompile(pattern).MatchString(all.String()) {
			t.Errorf("the generated files have %s", pattern)
		}
	}
}
