/** The page about the configuration of the server, from the table of its keys. */
import { IDLE_SECTIONS, OTHER_KEYS, USED_KEYS } from '../src/cli/configuration-keys.ts';

const FLAGS: Readonly<Record<string, string>> = {
  'proxy.ip': '--host',
  'proxy.port': '--port',
  'common.metricsPort': '--metrics-port',
  'log.level': '--log-level',
};

export function configurationPage(): string {
  const used = Object.entries(USED_KEYS).map(([key, { value, what }]) => {
    const flag = FLAGS[key];
    const variable = key.replaceAll('.', '_').toUpperCase();
    return `| \`${key}\` | ${flag === undefined ? '' : `\`${flag}\``} | \`${variable}\` | ${value} | ${what} |`;
  });
  const others = (use: string): string[] =>
    Object.entries(OTHER_KEYS)
      .filter(([, key]) => key.use === use)
      .map(([key, { value, what }]) => `| \`${key}\` | ${value} | ${what} |`);
  return `# Configuration of the server

Drawn from [src/cli/configuration-keys.ts](../src/cli/configuration-keys.ts) by \`npm run docs\`; a test
compares them.

\`mlite serve\` takes a key from the first of these that has it:

1. its flag;
2. the environment, in Milvus's way: capitals, with \`_\` for each dot (\`METRICS_PORT\` is
   \`common.metricsPort\`);
3. \`milvus.yaml\`: the file or directory of \`--config\`, else the directory that \`MILVUSCONF\` names;
4. the default.

## Keys that are obeyed

| key | flag | environment | default | |
| --- | --- | --- | --- | --- |
${used.join('\n')}

## Keys with one value

Another value is warned about, and changes nothing.

| key | value | |
| --- | --- | --- |
${others('fixed').join('\n')}

## Keys that are refused

With another value the server does not start: it would not do what the file promises.

| key | value | |
| --- | --- | --- |
${others('refused').join('\n')}

## Keys that do nothing

Everything else of ${IDLE_SECTIONS.map((name) => `\`${name}\``).join(', ')} configures parts that one
process does not have, or takes care of by itself: it is told at the start how many keys there are. Any other
key is unknown, and warned about by name.
`;
}
