package spec

var securityObjects = map[string]object{
	"security scheme": {
		title: "a security scheme",
		variants: []variant{
			{"type", "userPassword", always, "security by type alone"},
			{"type", "X509", always, "security by type alone"},
			{"type", "symmetricEncryption", always, "security by type alone"},
			{"type", "asymmetricEncryption", always, "security by type alone"},
			{"type", "plain", since(v21), "security by type alone"},
			{"type", "scramSha256", since(v21), "security by type alone"},
			{"type", "scramSha512", since(v21), "security by type alone"},
			{"type", "gssapi", since(v21), "security by type alone"},
			{"type", "apiKey", always, "security by API key"},
			{"type", "httpApiKey", always, "security by HTTP API key"},
			{"type", "http", always, "security by HTTP"},
			{"type", "oauth2", always, "security by OAuth2"},
			{"type", "openIdConnect", always, "security by OpenID Connect"},
		},
		open: always, // of a type that is none nothing more can be said
		fields: []field{
			{"type", fromTo(v20, v20), required, choice(
				"userPassword", "apiKey", "X509", "symmetricEncryption", "asymmetricEncryption", "httpApiKey", "http",
				"oauth2", "openIdConnect",
			)},
			{"type", since(v21), required, choice(
				"userPassword", "apiKey", "X509", "symmetricEncryption", "asymmetricEncryption", "httpApiKey", "http",
				"oauth2", "openIdConnect", "plain", "scramSha256", "scramSha512", "gssapi",
			)},
		},
	},
	"security by type alone": {
		title: "a security scheme of this type",
		fields: []field{
			{"type", always, required, text},
			{"description", always, optional, text},
		},
	},
	"security by API key": {
		title: "a security scheme of type apiKey",
		fields: []field{
			{"type", always, required, text},
			{"in", always, required, choice("user", "password")},
			{"description", always, optional, text},
		},
	},
	"security by HTTP API key": {
		title: "a security scheme of type httpApiKey",
		fields: []field{
			{"type", always, required, text},
			{"name", always, required, text},
			{"in", always, required, choice("header", "query", "cookie")},
			{"description", always, optional, text},
		},
	},
	"security by HTTP": {
		title:    "a security scheme of type http",
		variants: []variant{{"scheme", "bearer", always, "security by bearer"}},
		fields: []field{
			{"type", always, required, text},
			{"scheme", always, required, text},
			{"description", always, optional, text},
		},
	},
	"security by bearer": {
		title: "a security scheme of type http and scheme bearer",
		fields: []field{
			{"type", always, required, text},
			{"scheme", always, required, text},
			{"bearerFormat", always, optional, text},
			{"description", always, optional, text},
		},
	},
	"security by OAuth2": {
		title: "a security scheme of type oauth2",
		open:  always, // the official schemas let it be
		fields: []field{
			{"type", always, required, text},
			{"flows", always, required, inline("flows")},
			{"scopes", only3, optional, texts},
			{"description", always, optional, text},
		},
	},
	"security by OpenID Connect": {
		title: "a security scheme of type openIdConnect",
		fields: []field{
			{"type", always, required, text},
			{"openIdConnectUrl", always, required, formatted(uri)},
			{"scopes", only3, optional, texts},
			{"description", always, optional, text},
		},
	},
	"flows": {
		title:        "flows",
		noExtensions: true,
		fields: []field{
			{"implicit", always, optional, inline("implicit flow")},
			{"password", always, optional, inline("token flow")},
			{"clientCredentials", always, optional, inline("token flow")},
			{"authorizationCode", always, optional, inline("code flow")},
		},
	},
	"implicit flow": {
		title: "the implicit flow",
		fields: []field{
			{"authorizationUrl", always, required, formatted(uri)},
			{"refreshUrl", always, optional, formatted(uri)},
			{"scopes", only2, required, mapOf(text)},
			{"availableScopes", only3, required, mapOf(text)},
		},
		moved: movedInFlows,
	},
	"token flow": {
		title: "this flow",
		fields: []field{
			{"tokenUrl", always, required, formatted(uri)},
			{"refreshUrl", always, optional, formatted(uri)},
			{"scopes", only2, required, mapOf(text)},
			{"availableScopes", only3, required, mapOf(text)},
		},
		moved: movedInFlows,
	},
	"code flow": {
		title: "the authorization code flow",
		fields: []field{
			{"authorizationUrl", always, required, formatted(uri)},
			{"tokenUrl", always, required, formatted(uri)},
			{"refreshUrl", always, optional, formatted(uri)},
			{"scopes", only2, required, mapOf(text)},
			{"availableScopes", only3, required, mapOf(text)},
		},
		moved: movedInFlows,
	},
}

var movedInFlows = map[string]string{
	"scopes":          "they are \"availableScopes\" now",
	"availableScopes": "before 3.0 they are \"scopes\"",
}
