import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const descriptionSchema = z.object({
  inputs: z.record(z.string(), z.string()),
  shapes: z.record(
    z.string(),
    z.object({
      type: z.string(),
      required: z.array(z.string()).default([]),
      members: z.record(z.string(), z.string()).optional(),
      member: z.string().optional(),
      name: z.string().optional(),
    }),
  ),
});
type Description = z.infer<typeof descriptionSchema>;

/** Either what goes into the result's element, or an error. */
export type RdsAnswer = string | { readonly status: number; readonly code: string };

/** An RDS that answers as told, one answer after the other, and refuses what the API's description does not know. */
export interface RdsFake {
  readonly endpoint: string;
  /** Actions asked for, in order. */
  readonly asked: readonly string[];
  answer(action: string, ...answers: readonly RdsAnswer[]): void;
  stop(): Promise<void>;
}

export async function startRdsFake(): Promise<RdsFake> {
  const file = new URL('rds-requests.json', import.meta.url);
  const description = descriptionSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const answers = new Map<string, RdsAnswer[]>();
  const asked: string[] = [];

  function answerTo(form: URLSearchParams): { status: number; xml: string } {
    const action = form.get('Action') ?? '';
    const problem = problemOf(description, action, form);
    const planned = answers.get(action)?.shift();
    asked.push(action);
    if (problem !== undefined) return failure(400, 'ValidationError', problem);
    if (planned === undefined) return failure(400, 'ValidationError', `${action} was not expected`);
    if (typeof planned !== 'string') return failure(planned.status, planned.code, 'as told');
    const body = `<${action}Result>${planned}</${action}Result>`;
    return { status: 200, xml: `<${action}Response>${body}</${action}Response>` };
  }

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { status, xml } = answerTo(new URLSearchParams(body));
      response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The fake has no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    asked,
    answer(action, ...more) {
      answers.set(action, [...(answers.get(action) ?? []), ...more]);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function failure(status: number, code: string, message: string) {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, xml: `<ErrorResponse>${error}</ErrorResponse>` };
}

/** What is wrong with a request, by the description. */
function problemOf(
  { inputs, shapes }: Description,
  action: string,
  form: URLSearchParams,
): string | undefined {
  const input = inputs[action];
  if (input === undefined) return `no action ${action}`;
  for (const name of shapes[input]?.required ?? []) {
    if (![...form.keys()].some((key) => key === name || key.startsWith(`${name}.`)))
      return `${name} is missing`;
  }
  for (const [key, value] of form) {
    if (key === 'Action' || key === 'Version') continue;
    let shape = shapes[input];
    let isIndex = false;
    for (const part of key.split('.')) {
      if (isIndex && !/^[1-9]\d*$/.test(part)) return `${key} has no index`;
      if (isIndex) {
        shape = shapes[shape?.member ?? ''];
        isIndex = false;
      } else if (shape?.type === 'list' && part === shape.name) isIndex = true;
      else shape = shapes[shape?.members?.[part] ?? ''];
      if (shape === undefined) return `${key} is not known`;
    }
    if (shape?.type === 'integer' && !/^-?\d+$/.test(value)) return `${key} is no integer`;
    if (shape?.type === 'boolean' && !/^(true|false)$/.test(value)) return `${key} is no boolean`;
  }
  return undefined;
}
