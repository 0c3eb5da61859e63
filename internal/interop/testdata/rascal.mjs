// Publishes one message, or subscribes to some, with Rascal. Exchanges and queues must be
// there: the generated client under test has declared them.
import { arrived, readJob, require, say } from './job.mjs';

const { BrokerAsPromised, withDefaultConfig } = require('rascal');
const job = await readJob();
const there = { assert: false, check: true };
const config = { vhosts: { '/': { connection: { url: job.url } } }, encryption: job.encryption };

if (job.publish) {
  const { exchange, routingKey, profile } = job.publish;
  config.vhosts['/'].exchanges = { [exchange]: there };
  config.publications = { orders: { vhost: '/', exchange, routingKey, encryption: profile } };
} else {
  config.vhosts['/'].queues = { [job.subscribe.queue]: there };
  config.subscriptions = { orders: { vhost: '/', queue: job.subscribe.queue, prefetch: 1 } };
}
const broker = await BrokerAsPromised.create(withDefaultConfig(config));
broker.on('error', fail);
await (job.publish ? publish(job.publish) : subscribe(job.subscribe));
await broker.shutdown();
process.exit(0);

async function publish({ content, properties }) {
  const publication = await broker.publish('orders', content, { options: { ...properties, mandatory: true } });
  await new Promise((resolve, reject) => {
    publication.on('success', resolve).on('error', reject).on('return', () => reject(new Error('the message was returned')));
  });
  say({ published: true });
}

// subscribe answers as many messages as the job says: with an error that goes through the
// job's recovery, if there is one. The subscription is cancelled before the last answer, so
// that no further message is taken.
async function subscribe({ messages, recovery }) {
  const session = await broker.subscribe('orders');
  let left = messages;
  await new Promise((done) => {
    session.on('error', fail).on('invalid_content', fail);
    session.on('message', (message, content, ackOrNack) => {
      say(arrived(message, content));
      left -= 1;
      const cancelled = left === 0 && session.cancel();
      const answered = (error) => (error ? fail(error) : cancelled && cancelled.then(done, fail));
      if (recovery) ackOrNack(new Error('the warehouse burns'), recovery, answered);
      else ackOrNack(answered);
    });
  });
}

function fail(error) {
  console.error(error);
  process.exit(1);
}
