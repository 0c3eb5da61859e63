package templates

import (
	"strings"
	"testing"

	"github.com/scampgen/scampgen/generator/plan/types"
)

func TestFileNames(t *testing.T) {
	taken := fileNames{"doc": true}
	for _, test := range []struct{ goName, want string }{
		{"OrderPlaced", "orderplaced"},
		{"Orderplaced", "orderplaced2"}, // some file systems know no case
		{"ORDERPLACED", "orderplaced3"},
		{"Doc", "doc2"},
		{"Disk_linux", "disklinux"}, // Go would build a file that ends in _linux on Linux alone
		{"Order_test", "ordertest"},
		{"Con", "con2"}, // Windows has a device of that name
		{"COM1", "com12"},
		{"Com10", "com10"},
		{"Größe", "größe"},
		{strings.Repeat("Ä", 90), strings.Repeat("ä", 50)},
		{strings.Repeat("Ä", 91), strings.Repeat("ä", 50) + "2"},
	} {
		if got := taken.of(test.goName); got != test.want {
			t.Errorf("%s: got %s, want %s", test.goName, got, test.want)
		}
	}
}

// Each kind of scalar has its row. That each is read and written is tested with generated code in
// package generator.
func TestScalars(t *testing.T) {
	for kind := range types.Named { // those that come before it
		if row := scalars[kind]; row.name == "" || row.constant == "" {
			t.Errorf("kind %d has no row", kind)
		}
	}
}
