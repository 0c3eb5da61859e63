// Publishes one message, or consumes one, with amqplib alone.
import { arrived, readJob, require, say } from './job.mjs';

const amqplib = require('amqplib');
const job = await readJob();
const connection = await amqplib.connect(job.url);

if (job.publish) {
  const { exchange, routingKey, content, properties } = job.publish;
  const channel = await connection.createConfirmChannel();
  channel.on('return', () => { throw new Error('the message was returned'); });
  channel.publish(exchange, routingKey, Buffer.from(JSON.stringify(content)), { ...properties, mandatory: true });
  await channel.waitForConfirms();
  say({ published: true });
} else {
  const channel = await connection.createChannel();
  const message = await new Promise((resolve, reject) => {
    channel.consume(job.consume.queue, resolve).catch(reject);
  });
  say(arrived(message, JSON.parse(message.content)));
  channel.ack(message);
  await channel.close(); // the acknowledgement is with the broker now
}
await connection.close();
process.exit(0);
