// Package schemasuite holds the generated codecs against the JSON Schema test suite, draft-07, and against validators.
//
// Its tests build and run hundreds of generated packages. They are left out under the race detector, which would look at the test
// alone: make test runs them without it.
package schemasuite
