import { environmentSchema } from '@lcb/core';
import type { HookServer } from '@lcb/hooks/testing';
import type { PlacedEnvironment } from './local-fixture.ts';

/** The same environment, whose hooks are paths of this server: `/quiesce`, `/resume`, `/reindex`, `/switch`. */
export function hooked(
  place: PlacedEnvironment,
  { port }: HookServer,
  more: { readonly maxQuiesceSeconds?: number } = {},
): PlacedEnvironment {
  const at = (name: string) => ({ url: `http://127.0.0.1:${port}/${name}` });
  const hooks = {
    quiesce: at('quiesce'),
    resume: at('resume'),
    reindex: at('reindex'),
    switch: at('switch'),
    ...more,
  };
  return { ...place, environment: environmentSchema.parse({ ...place.environment, hooks }) };
}

/** What the server was asked, by path and event id, in order. */
export function askedOf({ received }: HookServer): readonly string[] {
  return received.map(({ path, headers }) => `${path.slice(1)} ${headers['webhook-id']}`);
}
