package spec

import "github.com/scampgen/scampgen/asyncapi/source"

// unused are the fields of objects that nothing is made of, with the reason. What is within such a
// field is not used either. The table of docs/contract.md says so too, and a test compares them.
var unused = map[string]map[string]string{
	"contract": {"id": "it names the application for people and catalogues"},
	"info": {
		"termsOfService": forPeople, "contact": forPeople, "license": forPeople,
	},
	"tag":                        {"description": forPeople, "externalDocs": forPeople},
	"externalDocs":               {"description": forPeople},
	"security by API key":        {"in": ofKey},
	"security by HTTP API key":   {"name": ofKey, "in": ofKey},
	"security by bearer":         {"bearerFormat": ofToken},
	"security by OAuth2":         {"flows": ofToken, "scopes": ofToken},
	"security by OpenID Connect": {"openIdConnectUrl": ofToken, "scopes": ofToken},
}

const (
	forPeople = "it is read in the contract"
	ofKey     = "RabbitMQ has no login by such a key"
	ofToken   = "the program gets the token: runtime.TokenLogin"
)

// whyUnused returns why nothing is made of a field of an object, "" when something is.
func whyUnused(object, field string) string {
	if _, isBindings := bindingsObjects[object]; isBindings && field != "amqp" {
		return "it is the binding of another protocol"
	}
	return unused[object][field]
}

// An Unused is a field of a contract that nothing is made of.
type Unused struct {
	source.Location
	Field string
	Why   string
}

// An Extension is a field of a contract whose name begins with "x-".
type Extension struct {
	Object string // of the specification: "channel", "message", "server variable" and so on
	Field  source.Field
}
