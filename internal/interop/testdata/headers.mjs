// Publishes one message with headers, or consumes one and says which headers it has, with amqplib alone.
// In a job, and in what is said, bytes are {bytes: 'hex'}.
import { readJob, require, say } from './job.mjs';

const amqplib = require('amqplib');
const job = await readJob();
const connection = await amqplib.connect(job.url);

function withBytes(value) {
  if (Array.isArray(value)) return value.map(withBytes);
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.bytes === 'string') return Buffer.from(value.bytes, 'hex');
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withBytes(member)]));
}

function withoutBytes(value) {
  if (Buffer.isBuffer(value)) return { bytes: value.toString('hex') };
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutBytes(member)]));
}

if (job.publish) {
  const { queue, content, properties } = job.publish;
  const channel = await connection.createConfirmChannel();
  const headers = withBytes(properties.headers);
  channel.publish('', queue, Buffer.from(JSON.stringify(content)), { ...properties, headers, mandatory: true });
  await channel.waitForConfirms();
  say({ published: true });
} else {
  const channel = await connection.createChannel();
  const message = await new Promise((resolve, reject) => {
    channel.consume(job.consume.queue, resolve, { noAck: true }).catch(reject);
  });
  const { headers, correlationId } = message.properties;
  say({ headers: withoutBytes(headers), correlationId });
  await channel.close();
}
await connection.close();
process.exit(0);
