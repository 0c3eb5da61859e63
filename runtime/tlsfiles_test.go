package runtime_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

// TestTLSFiles names in each error the file that is wrong. testCertificateLogin connects with files.
func TestTLSFiles(t *testing.T) {
	ca := newAuthority(t)
	authorities, certificate, key := writePEM(t, ca, ca.issue(t, "shop"))
	_, other, _ := writePEM(t, ca, ca.issue(t, "other"))
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		authorities, certificate, key string
		wrong                         string // the file; empty: none
	}{
		"none":                              {},
		"an authority":                      {authorities: authorities},
		"a client":                          {certificate: certificate, key: key},
		"all":                               {authorities: authorities, certificate: certificate, key: key},
		"no authority in the file":          {authorities: empty, wrong: empty},
		"a file that is missing":            {authorities: "missing.pem", wrong: "missing.pem"},
		"a certificate that is missing":     {certificate: "missing.pem", key: key, wrong: "missing.pem"},
		"a key that is missing":             {certificate: certificate, key: "missing.key", wrong: "missing.key"},
		"no certificate in the file":        {certificate: empty, key: key, wrong: empty},
		"a key of another certificate":      {certificate: other, key: key, wrong: other},
		"a certificate without a key":       {certificate: certificate, wrong: certificate},
		"a key without a certificate":       {key: key, wrong: key},
		"a client beside a wrong authority": {authorities: empty, certificate: certificate, key: key, wrong: empty},
	} {
		config, err := runtime.TLSFiles(test.authorities, test.certificate, test.key)()
		if test.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%s: the error does not name %s: %v", name, test.wrong, err)
			}
			continue
		}
		if err != nil || (config.RootCAs != nil) != (test.authorities != "") || (len(config.Certificates) == 1) != (test.certificate != "") {
			t.Errorf("%s: got %+v, %v", name, config, err)
		}
	}
}
