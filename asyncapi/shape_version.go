package asyncapi

// A version is a release of the specification: its major version times 10 and its minor.
type version int

const (
	v20 version = 20
	v21 version = 21
	v22 version = 22
	v23 version = 23
	v24 version = 24
	v25 version = 25
	v26 version = 26
	v30 version = 30
	v31 version = 31
)

// releaseOf returns the release that the value of "asyncapi", one of versions, names. Patches change nothing.
func releaseOf(text string) version {
	return version(text[0]-'0')*10 + version(text[2]-'0')
}

// String returns the version as people write it: "2.6".
func (v version) String() string {
	return string(rune('0'+v/10)) + "." + string(rune('0'+v%10))
}
