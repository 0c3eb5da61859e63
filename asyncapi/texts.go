package asyncapi

import "github.com/scampgen/scampgen/asyncapi/source"

// Texts are what a contract says about a thing in words.
type Texts struct {
	Title       string
	Summary     string
	Description string
	Tags        []string // their names
	URL         string   // of externalDocs
	Deprecated  bool
}

// texts decodes the words about an object. A field that such an object does not have is empty.
func (d *decoder) texts(v *source.Value) Texts {
	t := Texts{
		Title:       d.refs.Text(v, "title"),
		Summary:     d.refs.Text(v, "summary"),
		Description: d.refs.Text(v, "description"),
		URL:         d.refs.Text(d.refs.Field(v, "externalDocs"), "url"),
	}
	for _, item := range d.refs.Items(v, "tags") {
		if tag, ok := d.refs.Resolve(item); ok {
			if name := d.refs.Text(tag, "name"); name != "" {
				t.Tags = append(t.Tags, name)
			}
		}
	}
	if deprecated := d.refs.Field(v, "deprecated"); deprecated != nil {
		t.Deprecated = deprecated.Kind == source.Bool && deprecated.Text == "true"
	}
	return t
}
