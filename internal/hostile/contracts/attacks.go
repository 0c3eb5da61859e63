// Package contracts has attacks on the generator by contracts, from which few bytes ask for much work.
package contracts

import (
	"os"
	"path/filepath"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator"
)

// Attacks each generate all that a contract of the
// size n gives, or the problems that it has.
var Attacks = []Attack{
	{"a chain of allOf", 1_600, chainOfAllOf, "limit/allOf"},
	{"an allOf of many parts", 10_000, wideAllOf, "limit/properties"},
	{"a long pattern", 500_000, longPattern, "limit/pattern"},
	{"a pattern that repeats classes", 20_000, classPattern, "limit/pattern"},
	{"schemas that refer to all others", 300, allReferToAll, "limit/size"},
	{"a choice within a choice", 20_000, nestedChoices, "limit/levels"},
	{"a choice of many", 5_000, wideChoice, "limit/choice"},
	{"many channels", 12_000, manyChannels, "limit/size"},
	{"channels on one queue", 5_000, channelsOnOneQueue, "limit/messages"},
	{"queues on one channel", 12_000, queuesOnOneChannel, "limit/size"},
	{"many messages on a channel", 5_000, manyMessages, "limit/messages"},
	{"unknown keys in schemas", 120_000, unknownKeys, "did you mean"},
	{"an example against schemas within themselves", 20, exampleOfItself, "would take too long"},
	{"an object of many properties", 4_000, manyProperties, "limit/properties"},
	{"many required names", 20_000, manyRequired, "limit/required"},
	{"a tuple of many items", 2_000, manyItems, "limit/items"},
	{"an enum of many values", 50_000, manyValues, "limit/enum"},
	{"enums that meet in an allOf", 10_000, enumsThatMeet, ""},
	{"parents that extend each other", 4_000, parentsInARow, "limit/inheritance"},
	{"a number with a large exponent", 1_000_000_000, largeExponent, "more than 1000 digits"},
	{"a number of many digits", 1_000_000, manyDigits, "more than 1000 digits"},
	{"many bindings of a queue", 30_000, manyBindings, ""},
	{"many patterns of members", 5_000, manyPatterns, "limit/patternProperties"},
	{"many dependencies", 5_000, manyDependencies, ""},
	{"a long description", 1_000_000, longDescription, ""},
	{"names that make the same variable", 2_000, sameVariables, "limit/properties"},
	{"many parameters in an address", 5_000, manyParameters, "AMQP allows 255 bytes"},
	{"many small values", 1_000_000, manySmallValues, "more than 300000 values"},
	{"many small objects", 290_000, manySmallObjects, "more than 300000 values"},
	{"many lines", 500_000, manyLines, "more than 300000 values"},
	{"many schemas", 140_000, manySchemas, ""},
	{"cycles of schemas that meet in an allOf", 10, cyclesThatMeet, ""},
	{"parts of an allOf with one member", 10_000, partsOfOneMember, "limit/allOf"},
	{"schemas without names, twice in one another", 30, schemasWithoutNames, ""},
	{"schemas without names, checked as data", 2_400, dataWithoutNames, ""},
	{"levels of schemas, checked as data", 60_000, levelsOfData, "limit/size"},
	{"lists without names", 20_000, listsWithoutNames, "limit/levels"},
	{"objects without names in one another", 20_000, objectsWithoutNames, "limit/levels"},
	{"unions of the same schemas", 900, unionsOfTheSame, "limit/size"},
	{"long names that clash", 2_000_000, longNameThatClashes, "limit/messages"},
	{"a long description on many channels", 2_000_000, descriptionOnManyChannels, "limit/size"},
	{"dead letters to a queue with many arguments", 5_000, deadLettersOfManyArguments, "limit/size"},
	{"queues on one fanout", 5_000, queuesOnOneFanout, "limit/routes"},
	{"patterns that take all messages", 5_000, patternsThatTakeAll, "limit/routes"},
	{"queues that take each other's dead letters", 5_000, deadLettersOfEachOther, "limit/routes"},
	{"examples that are wrong in their depth", 1_000, wrongInTheDepth, "would take too long"},
	{"an example against choices in choices", 25, choicesInChoicesOfExamples, "must be at least 5"},
	{"patterns that repeat", 2_000, patternsThatRepeat, "limit/pattern"},
	{"an enum of numbers with large exponents", 10_000, enumOfLargeExponents, ""},
}

// An Attack is an attack by a contract.
type Attack struct {
	Name     string
	N        int // a size at which it once hurt
	Contract func(n int) string
	Meets    string // what one of the problems says then; empty: the code is generated
}

// generate generates from the text of a contract, in a folder that is there.
func generate(folder, text string) (source.Problems, error) {
	contract := filepath.Join(folder, "contract.yaml")
	for name, content := range map[string]string{contract: text, filepath.Join(folder, "go.mod"): "module example.com/hostile\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	_, problems, err := generator.Generate(generator.Config{Contract: contract, Out: folder})
	return problems, err
}
