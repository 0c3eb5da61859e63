// Package schemasuite holds the generated codecs against the JSON Schema test suite, draft-07, and against validators. It also publishes
// samples of all messages of golden cases and examples with generated producers, and has generated consumers handle them.
//
// Its tests build and run hundreds of generated packages. They are left out under the race detector, which would look at the test
// alone: make test runs them without it.
package schemasuite
