package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A yamlReader converts YAML nodes to Values. Aliases become what they refer to, merge keys the
// fields that they merge, and scalars get their kinds from the core schema of YAML 1.2.
type yamlReader struct {
	*fileReader
	anchors map[*yaml.Node]*anchor
}

// An anchor is a node that aliases may refer to. All of them share its Value.
type anchor struct {
	value  *Value // nil while it is being read: an alias to it would be a cycle
	nodes  int
	height int
}

func (s *fileReader) readYAML() *Value {
	decoder := yaml.NewDecoder(bytes.NewReader(s.data))
	document, err := decodeYAML(decoder)
	switch {
	case errors.Is(err, io.EOF):
		s.mistake(s.at(0), "the file has nothing but comments", "")
		return nil
	case err != nil:
		s.syntaxError(err)
		return nil
	}
	r := &yamlReader{fileReader: s, anchors: map[*yaml.Node]*anchor{}}
	v, _, _ := r.value(document.Content[0], 1)
	if v == nil {
		return nil
	}
	if !r.atEnd(decoder) {
		return nil
	}
	return v
}

// decodeYAML reads the next document. A panic of the parser becomes an error, so that no input ends
// the run.
func decodeYAML(decoder *yaml.Decoder) (document *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	document = new(yaml.Node)
	if err := decoder.Decode(document); err != nil {
		return nil, err
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, io.EOF
	}
	return document, nil
}

// atEnd reports whether no second document follows.
func (r *yamlReader) atEnd(decoder *yaml.Decoder) bool {
	second, err := decodeYAML(decoder)
	switch {
	case errors.Is(err, io.EOF):
		return true
	case err != nil:
		r.syntaxError(err)
	default:
		r.mistake(r.fromYAML(second.Line, second.Column), "a second YAML document begins here", "keep one contract in a file")
	}
	return false
}

var yamlErrorLine = regexp.MustCompile(`^yaml: line (\d+): `)

// syntaxError reports an error of the YAML parser.
func (s *fileReader) syntaxError(err error) {
	message := err.Error()
	at := Position{File: s.file, Line: s.errorLine(message)}
	text := s.data[s.starts[at.Line-1]:]
	at.Column = 1 + len(text) - len(bytes.TrimLeft(text, " \t"))
	message = strings.TrimPrefix(yamlErrorLine.ReplaceAllString(message, ""), "yaml: ")
	s.mistake(at, "not valid YAML: "+message, yamlHint(message, text[:min(at.Column, len(text))]))
}

// yamlHint returns the hint for an error of the parser. begin is the line up to its first
// character.
func yamlHint(message string, begin []byte) string {
	switch {
	case strings.Contains(message, "cannot start any token"):
		if bytes.ContainsAny(begin, "\t@`%") {
			return "indent with spaces, and quote what begins with @, ` or %"
		}
	case strings.Contains(message, "mapping values are not allowed"):
		return `quote text that has ": " in it, and check the indentation`
	case strings.Contains(message, "did not find expected"):
		return "check the indentation, quotes and brackets here and in the line before"
	case strings.Contains(message, "unknown anchor"):
		return "an anchor, with &, stands before what refers to it with *"
	}
	return ""
}

// maxSearched is the maximum size of a file in which the line of a mistake is searched for by
// parsing it repeatedly.
const maxSearched = 256 << 10

// errorLine returns the line of a mistake. The parser names only the line where the construct
// began, if any. The mistake is in the first line after which the file gives this error, whatever
// follows it.
func (s *fileReader) errorLine(message string) int {
	if s.budget.searched -= len(s.data); s.budget.searched < 0 {
		began := yamlErrorLine.FindStringSubmatch(message)
		if began == nil {
			return 1
		}
		line, _ := strconv.Atoi(began[1]) // the expression has made sure that it is a number
		return s.fromYAML(line, 1).Line
	}
	before := sort.Search(len(s.starts)-1, func(i int) bool {
		err := yamlError(s.data[:s.starts[i+1]])
		return err != nil && err.Error() == message
	})
	return before + 1
}

// yamlError returns the first error in a file of any number of documents.
func yamlError(data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		if _, err := decodeYAML(decoder); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// value returns the value of a node, the number of values in it, and its height. It returns nil
// when a limit is exceeded, which has then been reported.
func (r *yamlReader) value(n *yaml.Node, level int) (v *Value, nodes, height int) {
	at := r.fromYAML(n.Line, n.Column)
	if n.Kind == yaml.AliasNode {
		return r.alias(n, at, level)
	}
	if !r.spend(1, level, at) {
		return nil, 0, 0
	}
	var a *anchor
	if n.Anchor != "" {
		a = &anchor{}
		r.anchors[n] = a
	}
	switch n.Kind {
	case yaml.MappingNode:
		v, nodes, height = r.object(n, at, level)
	case yaml.SequenceNode:
		v, nodes, height = r.array(n, at, level)
	default:
		v, nodes, height = r.scalar(n, at), 1, 1
	}
	if a != nil {
		a.value, a.nodes, a.height = v, nodes, height
	}
	return v, nodes, height
}

func (r *yamlReader) alias(n *yaml.Node, at Position, level int) (*Value, int, int) {
	a := r.anchors[n.Alias]
	if a == nil || a.value == nil {
		r.mistake(at, fmt.Sprintf("the alias *%s stands inside what it stands for", n.Value), "use a $ref for a recursive schema")
		return nil, 0, 0
	}
	if !r.spend(a.nodes, level+a.height-1, at) {
		return nil, 0, 0
	}
	return a.value, a.nodes, a.height
}

func (r *yamlReader) array(n *yaml.Node, at Position, level int) (*Value, int, int) {
	v := &Value{Position: at, Kind: Array}
	nodes, height := 1, 0
	for _, c := range n.Content {
		item, itemNodes, itemHeight := r.value(c, level+1)
		if item == nil {
			return nil, 0, 0
		}
		v.Items = append(v.Items, item)
		nodes += itemNodes
		height = max(height, itemHeight)
	}
	return v, nodes, height + 1
}

func (r *yamlReader) object(n *yaml.Node, at Position, level int) (*Value, int, int) {
	v := &Value{Position: at, Kind: Object}
	nodes, height := 1, 0
	seen := map[string]Position{}
	var merged []*Value
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		keyAt := r.fromYAML(key.Line, key.Column) // before the value's, as lines like them in order
		value, valueNodes, valueHeight := r.value(n.Content[i+1], level+1)
		if value == nil {
			return nil, 0, 0
		}
		nodes += valueNodes
		height = max(height, valueHeight)
		if key.Kind == yaml.ScalarNode && key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		name, ok := r.name(key, keyAt)
		if !ok || r.twice(seen, name, keyAt) {
			continue
		}
		v.Fields = append(v.Fields, Field{Position: keyAt, Name: name, Value: value})
	}
	for _, m := range merged {
		r.merge(v, m, seen)
	}
	return v.indexed(), nodes, height + 1
}

// merge adds the fields of a merge key's value that the object does not have itself. The value is a
// mapping or a sequence of mappings, of which earlier ones take precedence.
func (r *yamlReader) merge(v, from *Value, seen map[string]Position) {
	switch from.Kind {
	case Object:
		for _, f := range from.Fields {
			if _, ok := seen[f.Name]; ok {
				continue
			}
			seen[f.Name] = f.Position
			v.Fields = append(v.Fields, f)
		}
	case Array:
		for _, item := range from.Items {
			if item.Kind != Object {
				r.mistake(item.Position, "the merge key << takes mappings only", "")
				continue
			}
			r.merge(v, item, seen)
		}
	default:
		r.mistake(from.Position, "the merge key << takes a mapping or a list of mappings", "")
	}
}

// name returns the name of a mapping's key: its text as it is written.
func (r *yamlReader) name(key *yaml.Node, at Position) (string, bool) {
	if key.Kind == yaml.AliasNode {
		key = key.Alias
	}
	if key.Kind != yaml.ScalarNode {
		r.mistake(at, "the name of a field must be a string", "")
		return "", false
	}
	return key.Value, true
}
