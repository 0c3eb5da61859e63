package names

import "testing"

func TestExported(t *testing.T) {
	n := NewNamer([]string{"sku"})
	for name, want := range map[string]string{
		"order_id":                  "OrderID",
		"order-id":                  "OrderID",
		"orderId":                   "OrderID",
		"orderIds":                  "OrderIDs",
		"order.placed":              "OrderPlaced",
		"ORDER_PLACED":              "OrderPlaced",
		"OrderPlaced":               "OrderPlaced",
		"HTTPServer":                "HTTPServer",
		"httpServer":                "HTTPServer",
		"sku":                       "SKU",
		"skus":                      "SKUs",
		"md5Hash":                   "Md5Hash",
		"user/signedup":             "UserSignedup",
		"com.example.OrderPlaced$A": "ComExampleOrderPlacedA",
		"in-queue:_:HandleMsg":      "InQueueHandleMsg",
		"ärger":                     "Ärger",
		"@type":                     "Type",
		"24h":                       "24h",
		"日本":                        "日本",
		"":                          "",
		"$":                         "",
		"a\x00b":                    "AB",
	} {
		if got := n.Exported(name); got != want {
			t.Errorf("Exported(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestUnexported(t *testing.T) {
	n := NewNamer(nil)
	for name, want := range map[string]string{
		"OrderPlaced": "orderPlaced",
		"IDAssigned":  "idassigned",
		"order_id":    "orderID",
		"ORDER":       "order",
		"":            "",
	} {
		if got := n.Unexported(name); got != want {
			t.Errorf("Unexported(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestPackageNames(t *testing.T) {
	for name, want := range map[string]struct{ pkg, problem string }{
		"order.placed":      {"orderplaced", ""},
		"Order_Placed-v1":   {"orderplacedv1", ""},
		"drone.{id}.state":  {"droneidstate", ""},
		"type":              {"type", "it is a Go keyword"},
		"1st":               {"1st", "it begins with a digit"},
		"":                  {"", "nothing is left of it when all but letters and digits is dropped"},
		"../../etc":         {"etc", ""},
		"größe":             {"größe", "an import path has ASCII letters only"},
		"internal":          {"internal", "it is a name that Go or the generated code uses already"},
		"con/text":          {"context", "it is a name that Go or the generated code uses already"},
		"init":              {"init", "it is a name that Go or the generated code uses already"},
		"CON":               {"con", "Windows has no folder of that name, so that Go refuses modules with it"},
		"lpt-1":             {"lpt1", "Windows has no folder of that name, so that Go refuses modules with it"},
		"nul":               {"nul", "Windows has no folder of that name, so that Go refuses modules with it"},
		"com.9":             {"com9", "Windows has no folder of that name, so that Go refuses modules with it"},
		"conn":              {"conn", ""},
		"a\nb`c*/d":         {"abcd", ""},
		"\u202eevil\u2066x": {"evilx", ""},
	} {
		pkg := PackageName(name)
		if problem := PackageProblem(pkg); pkg != want.pkg || problem != want.problem {
			t.Errorf("%q: got %q, %q; want %q, %q", name, pkg, problem, want.pkg, want.problem)
		}
	}
}
