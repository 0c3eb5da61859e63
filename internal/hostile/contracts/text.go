package contracts

import (
	"fmt"
	"strconv"
	"strings"
)

const head = "asyncapi: 3.0.0\ninfo: {title: t, version: '1'}\n"

// payload is a contract with one message, whose payload is given, and with schemas under components.
func payload(schema, schemas string) string {
	return head + "channels: {orders: {address: orders, messages: {Order: {payload: " + schema + "}}}}\ncomponents: {schemas: {" + schemas + "}}\n"
}

// times returns a text n times, with % replaced by the number of each and ^ by the number after it.
func times(n int, text string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(text, "%", strconv.Itoa(i)), "^", strconv.Itoa(i+1)))
	}
	return b.String()
}

const first = "{$ref: '#/components/schemas/s0'}"

func chainOfAllOf(n int) string {
	return payload(first, times(n, "s%: {allOf: [{$ref: '#/components/schemas/s^'}], properties: {p%: {type: string}}}, ")+
		fmt.Sprintf("s%d: {type: object}", n))
}

func wideAllOf(n int) string {
	return payload("{allOf: ["+times(n, "{properties: {p%: {type: string}}}, ")+"]}", "")
}

func longPattern(n int) string {
	return payload("{type: object, properties: {a: {type: string, pattern: '"+strings.Repeat("[a-c]x?", n/7)+"'}}}", "")
}

func classPattern(n int) string {
	return payload(`{type: object, properties: {a: {type: string, pattern: '`+strings.Repeat(`[^\s]{1,9}`, n/10)+`'}}}`, "")
}

func allReferToAll(n int) string {
	return payload(first, times(n, "s%: {type: object, properties: {"+strings.ReplaceAll(
		times(n, "p%: {$ref: '#/components/schemas/s%'}, "), "%", "")+"}}, "))
}

func nestedChoices(n int) string {
	return payload(first, times(n, "s%: {oneOf: [{type: string}, {$ref: '#/components/schemas/s^'}]}, ")+fmt.Sprintf("s%d: {type: object}", n))
}

func wideChoice(n int) string {
	return payload("{oneOf: ["+times(n, "{type: object, properties: {p%: {type: string}}}, ")+"]}", "")
}

func manyChannels(n int) string {
	return head + "channels: {" + times(n, "c%: {address: c%, messages: {M: {payload: {type: object, properties: {a: {type: string}}}}}}, ") + "}\n"
}

func channelsOnOneQueue(n int) string {
	return head + "channels: {" + times(n, "c%: {address: c%, messages: {M%: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: x, type: topic}, x-queue: q}}}, ") + "}\n"
}

func queuesOnOneChannel(n int) string {
	return head + "channels: {c: {address: c, messages: {M: {payload: {type: object}}}}}\noperations: {" +
		times(n, "o%: {action: send, channel: {$ref: '#/channels/c'}, bindings: {amqp: {x-queue: q%}}}, ") + "}\n"
}

func manyMessages(n int) string {
	return head + "channels: {c: {address: c, messages: {" + times(n, "M%: {payload: {type: object}}, ") + "}}}\n"
}

func unknownKeys(n int) string {
	return payload("{type: object, "+times(n, "const%: 1, ")+"}", "")
}

func exampleOfItself(n int) string {
	return payload(first, times(n, "s%: {allOf: [{$ref: '#/components/schemas/s^'}, {$ref: '#/components/schemas/s^'}], items: {$ref: '#/components/schemas/s0'}}, ")+
		fmt.Sprintf("s%d: {default: [[[[[[[[[1]]]]]]]]], allOf: ["+times(n, "{items: {$ref: '#/components/schemas/s0'}}, ")+"]}", n))
}

func manyProperties(n int) string {
	return payload("{type: object, properties: {"+times(n, "p%: {type: string}, ")+"}}", "")
}

func manyRequired(n int) string {
	return payload("{type: object, required: ["+times(n, "p%, ")+"]}", "")
}

func manyItems(n int) string {
	return payload("{type: array, items: ["+times(n, "{type: string}, ")+"]}", "")
}

func manyValues(n int) string {
	return payload("{type: object, properties: {a: {type: string, enum: ["+times(n, "v%, ")+"]}}}", "")
}

func enumsThatMeet(n int) string {
	return payload("{type: object, properties: {a: {allOf: [{type: number, enum: ["+times(n, "%, ")+"]}, {type: number, enum: ["+times(n, "%, ")+"]}]}}}", "")
}

func parentsInARow(n int) string {
	return payload("{$ref: '#/components/schemas/S0'}", "S0: {type: object, discriminator: k, required: [k], properties: {k: {type: string}}}, "+
		times(n, "S^: {discriminator: k, allOf: [{$ref: '#/components/schemas/S%'}]}, "))
}

func largeExponent(n int) string {
	return payload(fmt.Sprintf("{type: object, properties: {a: {type: integer, minimum: 1e%d}, b: {type: number, multipleOf: 1e-%d}, c: {enum: [1e%d, 2]}}}", n, n, n), "")
}

func manyDigits(n int) string {
	return payload("{type: object, properties: {a: {type: integer, minimum: "+strings.Repeat("9", n)+"}}}", "")
}

func manyBindings(n int) string {
	return head + "channels: {c: {address: c, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: q, x-bindings: [" +
		times(n, "{exchange: x%, routingKey: k%}, ") + "]}}}}}\n"
}

func manyPatterns(n int) string {
	return payload("{type: object, patternProperties: {"+times(n, "^p%: {type: string}, ")+"}}", "")
}

func manyDependencies(n int) string {
	return payload("{type: object, dependencies: {"+times(n, "p%: [q%], ")+"}}", "")
}

func longDescription(n int) string {
	return payload("{type: object, description: '"+strings.Repeat("a ", n/2)+"'}", "")
}

func sameVariables(n int) string {
	return payload("{type: object, properties: {"+times(n, "p%: {type: array, items: {type: array, items: {type: string, minLength: 1}}}, ")+"}}",
		times(n, "orderP%Item: {type: object, properties: {item: {type: string, minLength: 1}}}, "))
}

func manyParameters(n int) string {
	return head + "channels: {c: {address: '" + times(n, "{p%}.") + "x', parameters: {" + times(n, "p%: {}, ") + "}, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: x, type: topic}}}}}\n"
}

func manySmallValues(n int) string { return head + "x-list: [" + strings.Repeat("1,", n) + "]\n" }

func manySmallObjects(n int) string { return head + "x-list: [" + strings.Repeat("{a: 1},", n) + "]\n" }

func manyLines(n int) string { return head + "x-list:\n" + strings.Repeat("- a\n", n) }

func manySchemas(n int) string { return payload("{}", times(n, "s%: {}, ")) }

func cyclesThatMeet(n int) string {
	var schemas, parts strings.Builder
	for i, length := range []int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29}[:n] {
		for j := range length {
			fmt.Fprintf(&schemas, "c%dx%d: {type: object, properties: {a: {$ref: '#/components/schemas/c%dx%d'}}}, ", i, j, i, (j+1)%length)
		}
		fmt.Fprintf(&parts, "{$ref: '#/components/schemas/c%dx0'}, ", i)
	}
	return payload(first, schemas.String()+"s0: {allOf: ["+parts.String()+"]}")
}

func partsOfOneMember(n int) string {
	return payload("{allOf: ["+times(n, "{properties: {a: {properties: {p%: {}}}}}, ")+"]}", "")
}

func schemasWithoutNames(n int) string {
	return payload("{$ref: '#/components/schemas/s/allOf/0'}", "s: {allOf: ["+
		times(n, "{type: object, not: {anyOf: [{$ref: '#/components/schemas/s/allOf/^'}, {$ref: '#/components/schemas/s/allOf/^'}]}}, ")+"{type: string}]}")
}

func dataWithoutNames(n int) string {
	return payload("{$ref: '#/components/schemas/s/allOf/0'}", "s: {allOf: ["+
		times(n, "{type: object, not: {minProperties: 3, not: {$ref: '#/components/schemas/s/allOf/^'}}}, ")+"{type: string}]}")
}

func levelsOfData(n int) string {
	const depth = 150
	return payload("{type: object, properties: {"+times(n/depth, "p%: {$ref: '#/components/schemas/s%'}, ")+"}}",
		times(n/depth, "s%: "+strings.Repeat("{type: object, not: ", depth)+"{type: string}"+strings.Repeat("}", depth)+", "))
}

func listsWithoutNames(n int) string {
	return payload("{type: object, properties: {"+times(min(n, 900), "p%: {$ref: '#/components/schemas/s/allOf/0'}, ")+"}}", "s: {allOf: ["+
		times(n, "{type: array, items: {$ref: '#/components/schemas/s/allOf/^'}}, ")+"{type: string}]}")
}

func objectsWithoutNames(n int) string {
	return payload("{$ref: '#/components/schemas/s/allOf/0'}", "s: {allOf: ["+
		times(n, "{type: object, properties: {aNameThatIsNotShort: {$ref: '#/components/schemas/s/allOf/^'}}}, ")+"{type: string}]}")
}

func unionsOfTheSame(n int) string {
	return payload("{type: object, properties: {"+times(min(n, 900), "p%: {oneOf: ["+strings.ReplaceAll(times(40, "{$ref: '#/components/schemas/s%'}, "), "%", "")+"]}, ")+"}}",
		times(40, "s%: {type: object, required: [a], properties: {"+strings.ReplaceAll(times(min(n, 900), "q%: {enum: [x]}, "), "%", "")+"}}, "))
}

func longNameThatClashes(n int) string {
	return head + "channels: {c: {address: c, messages: {" + times(2_000, "m%: {name: "+strings.Repeat("a", n/2_000)+", payload: {type: object}}, ") + "}}}\n"
}

func descriptionOnManyChannels(n int) string {
	return head + "channels: {" + times(1_000, "c%: {address: c%, messages: {M: {$ref: '#/components/messages/M'}}}, ") +
		"}\ncomponents: {messages: {M: {description: '" + strings.Repeat("a ", n/2) + "', payload: {type: object}}}}\n"
}

func deadLettersOfManyArguments(n int) string {
	return head + "channels: {d: {address: d, messages: {M: {payload: {}}}, bindings: {amqp: {is: queue, queue: {name: d, arguments: {" + times(n, "a%: 1, ") + "}}}}}, " +
		times(n, "c%: {address: c%, messages: {M: {payload: {}}}, bindings: {amqp: {is: queue, queue: {name: q%, x-dead-letter: d}}}}, ") + "}\n"
}

func queuesOnOneFanout(n int) string {
	return head + "channels: {" + times(n, "c%: {address: c%, messages: {M: {payload: {}}}, bindings: {amqp: {is: routingKey, exchange: {name: x, type: fanout}, x-queue: q%}}}, ") + "}\n"
}

func patternsThatTakeAll(n int) string {
	return head + "channels: {" + times(n, "c%: {address: '{p}.c%', messages: {M: {payload: {}}}, bindings: {amqp: {is: routingKey, exchange: {name: x, type: topic}, "+
		"x-queue: {name: q%, x-bindings: [{exchange: x, routingKey: '#.*.#.*.#.#.c%.#'}]}}}}, ") + "}\n"
}

func deadLettersOfEachOther(n int) string {
	return head + "channels: {" + times(n, "c%: {address: '#', messages: {M: {payload: {}}}, bindings: {amqp: {is: routingKey, exchange: {name: x, type: topic}, "+
		"x-queue: {name: q%, x-dead-letter: {exchange: x}}}}}, ") + "}\n"
}

func choicesInChoicesOfExamples(n int) string {
	return payload(first, "s0: {default: 1, "+strings.Repeat("anyOf: [{type: string}, {", n)+"minimum: 5"+strings.Repeat("}]", n)+"}")
}

func wrongInTheDepth(n int) string {
	const depth = 150
	example := strings.Repeat("[", depth) + "1" + strings.Repeat("], ", depth)
	return payload(first, "s0: {examples: ["+strings.ReplaceAll(strings.Repeat(example, n), "], ]", "]]")+"], "+
		strings.Repeat("items: {", depth)+"allOf: ["+strings.Repeat("{type: string}, ", 300)+"]"+strings.Repeat("}", depth)+"}")
}

func patternsThatRepeat(n int) string {
	return payload(first, "s0: {type: object, default: {a: a}, properties: {a: {allOf: ["+times(n, `{type: string, pattern: '(\p{L}{1,30}){1,33}%'}, `)+"]}}}")
}

func enumOfLargeExponents(n int) string {
	return payload("{type: object, properties: {a: {type: number, enum: ["+times(n, "%e990, ")+"]}}}", "")
}
