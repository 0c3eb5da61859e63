package asyncapi

import (
	"reflect"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// Sound returns the part of d that has no mistakes according to problems, so that later steps can
// report what is wrong there too: the channels, with their operations, and the schemas that neither
// have a fatal problem nor refer to anything that has one. It returns nil when a problem cannot be
// attributed to such a part. Nothing follows from what the part does not have.
func (d *Document) Sound(problems source.Problems) *Document {
	u := uses{by: map[any][]any{}, at: map[objectKey][]any{}, unsound: map[any]bool{}}
	u.document(d)
	for _, p := range problems {
		if p.Severity == source.Warning || u.blame(p) || p.File == d.File && isDescription(p.Path) {
			continue
		}
		return nil
	}
	part := *d
	part.Channels = sound(d.Channels, u)
	part.Operations = sound(d.Operations, u)
	part.Schemas = sound(d.Schemas, u)
	return &part
}

func sound[T any](all []*T, u uses) []*T {
	return slices.DeleteFunc(slices.Clone(all), func(object *T) bool { return u.unsound[object] })
}

// isDescription reports whether a path is in a part of the contract that nothing else depends on.
func isDescription(path string) bool {
	for _, part := range []string{"/info", "/tags", "/externalDocs"} {
		if path == part || strings.HasPrefix(path, part+"/") {
			return true
		}
	}
	return false
}

// uses are the objects of a document: pointers to structs that have a Path.
type uses struct {
	by      map[any][]any       // what uses an object, directly
	at      map[objectKey][]any // by the file and path
	unsound map[any]bool
}

type objectKey struct{ file, path string }

func (u uses) document(d *Document) {
	u.collect(nil, reflect.ValueOf(d).Elem())
	for _, channel := range d.Channels {
		if len(channel.Servers) == 0 { // it is on all
			u.collect(channel, reflect.ValueOf(d.Servers))
		}
	}
	for _, operation := range d.Operations {
		if operation.Channel != nil {
			u.by[operation] = append(u.by[operation], operation.Channel)
		}
	}
}

// collect adds the objects in v, which user has.
func (u uses) collect(user any, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		u.collectPointer(user, v)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				u.collect(user, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			u.collect(user, v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			u.collect(user, v.MapIndex(key))
		}
	default: // has no objects
	}
}

func (u uses) collectPointer(user any, v reflect.Value) {
	if _, isValue := reflect.TypeAssert[*source.Value](v); isValue || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return
	}
	field := v.Elem().FieldByName("Location")
	if !field.IsValid() {
		u.collect(user, v.Elem())
		return
	}
	location, _ := reflect.TypeAssert[source.Location](field)
	object := v.Interface()
	users, known := u.by[object]
	u.by[object] = append(users, user)
	if known {
		return
	}
	at := objectKey{location.File, location.Path}
	u.at[at] = append(u.at[at], object)
	u.collect(object, v.Elem())
}

// blame marks the object that has a problem, and all that use it, as unsound. It returns false when
// the problem is in no object.
func (u uses) blame(p source.Problem) bool {
	found := false
	for path := p.Path; ; path = path[:strings.LastIndexByte(path, '/')] {
		objects := u.at[objectKey{p.File, path}]
		found = found || len(objects) > 0
		u.mark(objects)
		if path == "" {
			return found
		}
	}
}

func (u uses) mark(objects []any) {
	for len(objects) > 0 {
		last := len(objects) - 1
		object := objects[last]
		objects = objects[:last:last]
		if object != nil && !u.unsound[object] {
			u.unsound[object] = true
			objects = append(objects, u.by[object]...)
		}
	}
}
