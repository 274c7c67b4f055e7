import * as v from 'valibot';
import type { Row } from '../service';
import { isSlug } from './endpoint';

/** More than a surface has. */
const MOST = 500;
/** Characters of a description, and of an example within it, that are kept. */
const LONGEST = 500;
/** Characters of an example that is put into a form: of a longer one nothing is, since a part is no JSON. */
const LONGEST_EXAMPLE = 10_000;

const words = v.fallback(v.optional(v.string()), undefined);
const record = v.record(v.string(), v.unknown());

const Schema = v.object({
  $ref: words,
  properties: v.fallback(v.optional(record), undefined),
  example: v.optional(v.unknown()),
});
const Content = v.object({
  schema: v.fallback(v.optional(Schema), undefined),
  example: v.optional(v.unknown()),
  examples: v.fallback(
    v.optional(v.record(v.string(), v.object({ value: v.optional(v.unknown()) }))),
    undefined,
  ),
});
const Post = v.object({
  summary: words,
  description: words,
  requestBody: v.fallback(
    v.optional(v.object({ content: v.fallback(v.record(v.string(), Content), {}) })),
    undefined,
  ),
});
/** What is looked at of an OpenAPI 3 document. */
const Document = v.object({
  paths: v.record(v.string(), v.fallback(v.object({ post: v.fallback(v.optional(Post), undefined) }), {})),
  components: v.fallback(
    v.optional(v.object({ schemas: v.fallback(v.record(v.string(), v.fallback(Schema, {})), {}) })),
    undefined,
  ),
});
type Document = v.InferOutput<typeof Document>;
type Post = v.InferOutput<typeof Post>;

/** What a surface's description says of a capability. All of it is untrusted. */
export interface Capability {
  readonly slug: string;
  readonly name: string;
  readonly description?: string;
  /** A message that it takes: the description's own example, or its fields without values. */
  readonly example?: unknown;
}

/** The capabilities that an OpenAPI document describes; undefined for what is no such document. */
export function capabilitiesIn(said: unknown): Capability[] | undefined {
  const read = v.safeParse(Document, said);
  if (!read.success) return undefined;
  const found = Object.entries(read.output.paths).flatMap(([path, { post }]) => {
    const slug = /(?:^|\/)api\/([^/]+)$/.exec(path)?.[1];
    return post && slug && isSlug(slug) ? [capabilityOf(slug, post, read.output)] : [];
  });
  return found.slice(0, MOST);
}

function capabilityOf(slug: string, post: Post, document: Document): Capability {
  const { summary, description, requestBody } = post;
  const content = requestBody?.content['application/json'];
  const first = Object.values(content?.examples ?? {})[0]?.value;
  const example = content?.example ?? first ?? fromSchema(content?.schema, document);
  return {
    slug,
    name: summary?.trim().slice(0, LONGEST) || slug,
    ...(description?.trim() && { description: description.trim().slice(0, LONGEST) }),
    ...(example !== undefined && { example }),
  };
}

function fromSchema(schema: v.InferOutput<typeof Schema> | undefined, { components }: Document): unknown {
  const name = /^#\/components\/schemas\/([^/]+)$/.exec(schema?.$ref ?? '')?.[1];
  const found = name === undefined ? schema : components?.schemas[name];
  if (found?.example !== undefined) return found.example;
  const names = Object.keys(found?.properties ?? {});
  return names.length > 0 ? Object.fromEntries(names.map(each => [each, ''])) : undefined;
}

/** A capability as a line of a list. Chosen in the form of a message as JSON, it brings its example along. */
export function rowOf({ slug, name, description, example }: Capability): Row {
  const takes = example === undefined ? '' : `Takes ${JSON.stringify(example).slice(0, LONGEST)}`;
  const note = [description, takes].filter(Boolean).join(' ');
  const json = example === undefined ? '' : JSON.stringify(example, null, 2);
  return {
    id: slug,
    title: name,
    ...(note && { note }),
    ...(json && json.length <= LONGEST_EXAMPLE && { fills: { json } }),
  };
}
