package spec

import (
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// awsBindings are those of Amazon's queues (sqs) and topics (sns).
var awsBindings = map[string]object{
	"sqs channel": {
		title: "an sqs channel binding",
		fields: slices.Concat([]field{
			{"queue", always, required, one("sqs queue")},
			{"deadLetterQueue", always, optional, one("sqs queue")},
		}, versionOf("0.1.0", "0.2.0")),
	},
	"sqs operation": {
		title: "an sqs operation binding",
		fields: slices.Concat([]field{
			{"queues", always, required, listOf(orReference("sqs operation queue"))},
		}, versionOf("0.1.0", "0.2.0")),
	},
	"sqs queue": {
		title: "an sqs queue", open: always,
		fields: slices.Concat([]field{{"fifoQueue", always, required, boolean}}, sqsQueue),
	},
	"sqs operation queue": {
		title: "an sqs queue", open: always,
		fields: slices.Concat([]field{{"fifoQueue", always, optional, boolean}}, sqsQueue),
	},
	"aws policy": {
		title: "a policy", open: always,
		fields: []field{{"statements", always, required, listOf(one("aws statement"))}},
	},
	"aws statement": {
		title: "a statement of a policy", open: always,
		fields: []field{
			{"effect", always, required, choice("Allow", "Deny")},
			{"principal", always, required, textOrTexts},
			{"action", always, required, textOrTexts},
		},
	},
	"aws identifier": {
		title: "an identifier", open: always,
		fields: []field{
			{"arn", always, optional, text},
			{"name", always, optional, text},
			{"url", always, optional, text},
			{"email", always, optional, text},
			{"phone", always, optional, text},
		},
	},
	"aws redrive policy": {
		title: "a redrive policy", open: always,
		fields: []field{
			{"deadLetterQueue", always, required, one("aws identifier")},
			{"maxReceiveCount", always, optional, anyInteger},
		},
	},
	"sns channel": {
		title: "an sns channel binding",
		fields: []field{
			{"name", always, required, text},
			{"ordering", always, optional, one("sns ordering")},
			{"policy", always, optional, one("aws policy")},
			{"tags", always, optional, someMap},
			{"bindingVersion", always, optional, text},
		},
	},
	"sns ordering": {
		title: "an ordering", open: always,
		fields: []field{
			{"type", always, required, choice("standard", "FIFO")},
			{"contentBasedDeduplication", always, optional, boolean},
		},
	},
	"sns operation": {
		title: "an sns operation binding",
		fields: []field{
			{"topic", always, optional, one("aws identifier")},
			{"consumers", always, required, valueType{kinds: of(source.Array), items: &snsConsumer, fewest: 1}},
			{"deliveryPolicy", always, optional, one("sns delivery policy")},
			{"bindingVersion", always, optional, text},
		},
	},
	"sns consumer": {
		title: "a consumer", open: always,
		fields: []field{
			{"protocol", always, required, choice(
				"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose",
			)},
			{"endpoint", always, required, one("aws identifier")},
			{"filterPolicy", always, optional, mapOf(valueType{kinds: of(source.Array, source.String, source.Object)})},
			{"filterPolicyScope", always, optional, choice("MessageAttributes", "MessageBody")},
			{"rawMessageDelivery", always, required, boolean},
			{"redrivePolicy", always, optional, one("aws redrive policy")},
			{"deliveryPolicy", always, optional, one("sns delivery policy")},
			{"displayName", always, optional, text},
		},
	},
	"sns delivery policy": {
		title: "a delivery policy", open: always,
		fields: []field{
			{"minDelayTarget", always, optional, anyInteger},
			{"maxDelayTarget", always, optional, anyInteger},
			{"numRetries", always, optional, anyInteger},
			{"numNoDelayRetries", always, optional, anyInteger},
			{"numMinDelayRetries", always, optional, anyInteger},
			{"numMaxDelayRetries", always, optional, anyInteger},
			{"backoffFunction", always, optional, choice("arithmetic", "exponential", "geometric", "linear")},
			{"maxReceivesPerSecond", always, optional, anyInteger},
		},
	},
}

// sqsQueue is what queues have in channels and in operations.
var sqsQueue = []field{
	{"name", always, required, text},
	{"deduplicationScope", always, optional, choice("queue", "messageGroup")},
	{"fifoThroughputLimit", always, optional, choice("perQueue", "perMessageGroupId")},
	{"deliveryDelay", always, optional, integer(0, 900)},
	{"visibilityTimeout", always, optional, integer(0, 43_200)},
	{"receiveMessageWaitTime", always, optional, anyInteger},
	{"messageRetentionPeriod", always, optional, integer(60, 1_209_600)},
	{"redrivePolicy", always, optional, one("aws redrive policy")},
	{"policy", always, optional, one("aws policy")},
	{"tags", always, optional, someMap},
}

var (
	snsConsumer = one("sns consumer")
	textOrTexts = valueType{kinds: of(source.String, source.Array), items: &text}
)
