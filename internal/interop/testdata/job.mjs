// What the scripts share. A script gets its job as one line of JSON on standard input and
// writes a line of JSON for each thing that happened. Standard input stays open as long as
// the test lives; the script does not outlive it.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

// The packages are in the folder that the script is started in, not beside the script.
export const require = createRequire(`${process.cwd()}/`);

export function readJob() {
  const lines = createInterface({ input: process.stdin });
  lines.on('close', () => process.exit(1));
  return new Promise((resolve) => lines.once('line', (line) => resolve(JSON.parse(line))));
}

export function say(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

// arrived returns what the tests look at in a message. content is the body as the library
// under test gives it.
export function arrived({ fields, properties }, content) {
  const { exchange, routingKey } = fields;
  const { contentType, type, messageId, deliveryMode, timestamp, headers } = properties;
  return { exchange, routingKey, contentType, type, messageId, deliveryMode, timestamp, headers, content };
}
