package payload

import "testing"

func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		required, more int
		optional       []bool
		want           int
	}{
		{0, 0, nil, 0},
		{2, 0, nil, 2},
		{2, 3, nil, 5},
		{1, 0, []bool{false, false}, 1},
		{1, 0, []bool{true, false}, 2},
		{1, 0, []bool{false, true, false}, 3},
		{1, 2, []bool{false, false}, 5},
	} {
		if got := Places(test.required, test.more, test.optional...); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}

func TestTuple(t *testing.T) {
	encode := func(s *string, dst []byte) ([]byte, error) {
		if *s == "" {
			return dst, ErrNoValue
		}
		return AppendString(dst, *s), nil
	}
	more, err := AppendMore([]byte(`,1`), 1, []string{"a", "b"}, encode)
	if got := string(EndArray(more, 0)); got != `[1,"a","b"]` || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if got := string(EndArray([]byte("x"), 1)); got != "x[]" {
		t.Errorf("got %s", got)
	}
	if _, err := AppendMore(nil, 3, []string{"a", ""}, encode); err == nil || err.Error() != "/4: has no value" {
		t.Errorf("got %v", err)
	}
	err = Validate(func(r *Report) {
		r.NoItem(1)
		CheckMore(r, 3, []string{"a", "\xff"}, func(s *string, r *Report) { CheckString(r, *s, nil) })
		CheckMore(r, 3, []string{"\xff"}, nil)
	})
	if want := "/1: is absent, but not the items behind it; /4: is not valid UTF-8"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
