module github.com/scampgen/scampgen/runtime/zstd

go 1.26.0

require (
	github.com/klauspost/compress v1.20.4
	github.com/scampgen/scampgen v0.0.0
)

require github.com/rabbitmq/amqp091-go v1.16.0 // indirect

replace github.com/scampgen/scampgen => ../..
