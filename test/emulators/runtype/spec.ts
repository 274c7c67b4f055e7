import type { Answer } from '../loopback/wire';
import { type Capability, slugOf } from './capabilities';
import type { Switches } from './options';

/** A surface's OpenAPI document, made anew whenever it is asked for. */
export function specOf(
  capabilities: readonly Capability[],
  below: string,
  { specPaths, responseFormat, wrappedIn }: Switches,
): Answer {
  const [server, prefix] =
    specPaths === 'whole' ? ['https://api.runtype.com', below] : [`https://api.runtype.com${below}`, ''];
  const output = responseFormat === 'raw' ? {} : { type: 'object', properties: { [wrappedIn]: {} } };
  const operation = (capability: Capability) => ({
    operationId: slugOf(capability),
    summary: capability.name,
    description: capability.description,
    requestBody: {
      required: true,
      content: { 'application/json': { schema: inputOf(capability), example: exampleOf(capability) } },
    },
    responses: {
      200: { description: 'The output', content: { 'application/json': { schema: output } } },
      401: { description: 'Invalid or missing API key' },
      403: { description: 'API key does not have permission to access this resource' },
    },
  });
  const paths = Object.fromEntries(
    capabilities.map(capability => [`${prefix}/api/${slugOf(capability)}`, { post: operation(capability) }]),
  );
  const securitySchemes = {
    bearer: { type: 'http', scheme: 'bearer' },
    apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  };
  return {
    status: 200,
    body: {
      openapi: '3.0.3',
      info: { title: 'Emulated product', version: '1.0.0' },
      servers: [{ url: server }],
      security: [{ bearer: [] }, { apiKey: [] }],
      components: { securitySchemes },
      paths: { ...paths, [`${prefix}/api/dispatch`]: { post: { operationId: 'dispatch', responses: {} } } },
    },
  };
}

const inputOf = ({ required }: Capability) => ({
  type: 'object',
  properties: Object.fromEntries(required.map(field => [field, { type: 'string' }])),
  ...(required.length > 0 && { required }),
});

const exampleOf = ({ required }: Capability) =>
  Object.fromEntries(required.map(field => [field, 'Your input here']));
