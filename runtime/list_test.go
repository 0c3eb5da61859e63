package runtime

import (
	"fmt"
	"slices"
	"testing"
)

type listMember struct {
	name    string
	element element[listMember]
}

// names returns the members' names, and checks that the list is the same read backwards.
func names(t *testing.T, l *list[listMember]) []string {
	t.Helper()
	var forwards, backwards []string
	for e := l.first; e != nil; e = e.next {
		forwards = append(forwards, e.member.name)
	}
	for e := l.last; e != nil; e = e.previous {
		backwards = append(backwards, e.member.name)
	}
	slices.Reverse(backwards)
	if !slices.Equal(forwards, backwards) || len(forwards) != l.len {
		t.Errorf("forwards %v, backwards %v, length %d", forwards, backwards, l.len)
	}
	return forwards
}

func TestList(t *testing.T) {
	var l, other list[listMember]
	members := make(map[string]*listMember)
	add := func(l *list[listMember], name string) {
		members[name] = &listMember{name: name}
		push(l, &members[name].element, members[name])
	}
	add(&l, "a")
	add(&l, "b")
	add(&other, "c")
	add(&other, "d")
	prepend(&l, &other)
	between := &listMember{name: "between"}
	insert(&l, &between.element, between, &members["c"].element)
	if got := names(t, &l); fmt.Sprint(got) != "[c between d a b]" {
		t.Errorf("got %v", got)
	}
	remove(&l, &members["b"].element)
	remove(&l, &members["d"].element)
	if first := pop(&l); first != members["c"] || first.element.list != nil {
		t.Errorf("popped %v", first)
	}
	if got := names(t, &l); fmt.Sprint(got) != "[between a]" {
		t.Errorf("got %v", got)
	}
	pop(&l)
	pop(&l)
	if pop(&l) != nil || len(names(t, &l)) != 0 || len(names(t, &other)) != 0 {
		t.Error("a list that should be empty is not")
	}
}
