package main

import "testing"

func TestUnified(t *testing.T) {
	const ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	for _, c := range []struct{ from, to, want string }{
		{"a\n", "a\n", ""},
		{"", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
		{"a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{ten, "0\n" + ten + "11\n", "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -8,3 +9,4 @@\n 8\n 9\n 10\n+11\n"},
		{"a\nx\nb\ny\nc\n", "a\nb\nc\n", "@@ -1,5 +1,3 @@\n a\n-x\n b\n-y\n c\n"},
		{"a\na\n", "a\nb\na\n", "@@ -1,2 +1,3 @@\n a\n+b\n a\n"},
	} {
		want := c.want
		if want != "" {
			want = "--- f\n+++ f\n" + want
		}
		if got := unified("f", c.from, c.to); got != want {
			t.Errorf("%q to %q: got\n%s, want\n%s", c.from, c.to, got, want)
		}
	}
}
