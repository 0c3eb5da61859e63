package spec

import (
	"math"
	"slices"
)

var ibmmqBindings = map[string]object{
	"ibmmq server": {
		title: "an ibmmq server binding",
		fields: slices.Concat([]field{
			{"groupId", always, optional, text},
			{"ccdtQueueManagerName", always, optional, text},
			{"cipherSpec", always, optional, text},
			{"multiEndpointServer", always, optional, boolean},
			{"heartBeatInterval", always, optional, integer(0, 999_999)},
		}, versionOf("0.1.0")),
	},
	"ibmmq channel": {
		title:   "an ibmmq channel binding",
		instead: []instead{{"destinationType", "queue", always, "ibmmq queue channel"}},
		fields: slices.Concat([]field{
			{"destinationType", always, optional, choice("topic", "queue")},
			{"topic", always, optional, one("ibmmq topic")},
			{"maxMsgLength", always, optional, integer(0, 100<<20)},
		}, versionOf("0.1.0")),
	},
	"ibmmq queue channel": {
		title: "an ibmmq channel binding to a queue",
		fields: slices.Concat([]field{
			{"destinationType", always, required, text},
			{"queue", always, required, one("ibmmq queue")},
			{"maxMsgLength", always, optional, integer(0, 100<<20)},
		}, versionOf("0.1.0")),
	},
	"ibmmq queue": {
		title: "an ibmmq queue", open: always,
		fields: []field{
			{"objectName", always, required, shorter(48)},
			{"isPartitioned", always, optional, boolean},
			{"exclusive", always, optional, boolean},
		},
	},
	"ibmmq topic": {
		title: "an ibmmq topic", open: always,
		fields: []field{
			{"string", always, optional, shorter(10_240)},
			{"objectName", always, optional, shorter(48)},
			{"durablePermitted", always, optional, boolean},
			{"lastMsgRetained", always, optional, boolean},
		},
	},
	"ibmmq message": {
		title:   "an ibmmq message binding",
		instead: []instead{{"type", "binary", always, "ibmmq binary message"}},
		fields: slices.Concat([]field{
			{"type", always, optional, choice("string", "jms", "binary")},
			{"description", always, optional, text},
			{"expiry", always, optional, integer(0, math.MaxInt64)},
		}, versionOf("0.1.0")),
	},
	"ibmmq binary message": {
		title: "an ibmmq message binding of type binary",
		fields: slices.Concat([]field{
			{"type", always, required, text},
			{"headers", always, optional, text},
			{"description", always, optional, text},
			{"expiry", always, optional, integer(0, math.MaxInt64)},
		}, versionOf("0.1.0")),
	},
}
