package hostile

import (
	"os"
	"strings"
	"testing"
)

func BenchmarkOne(b *testing.B) {
	for _, p := range payloads {
		if strings.Contains(p.name, os.Getenv("ONE")) {
			data := []byte(p.make(megabyte))
			b.Run(p.name, func(b *testing.B) {
				b.ReportAllocs()
				for range b.N {
					p.read(data)
				}
			})
		}
	}
}
