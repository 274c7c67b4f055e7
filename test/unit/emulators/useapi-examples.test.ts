import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UseapiEmulator } from '../../emulators/useapi';
import { demoToken, start, tls } from '../../emulators/useapi/line';

/**
 * The JavaScript that the service's documents give as examples, with nothing changed but the host and what
 * is to be filled in, runs in a process of its own and finds what it expects.
 */
const program = `
const [base, token] = process.argv.slice(1);
const email = 'ada+test@example.com';
const password = 'correct horse';
const seen = {};
const tell = (name, response, result) => { seen[name] = { status: response.status, result }; };

{
  const apiUrl = \`\${base}/v1/runwayml/accounts/\${email}\`;
  const maxJobs = 5;
  const data = { method: 'POST', headers: { 'Authorization': \`Bearer \${token}\`, 'Content-Type': 'application/json' } };
  data.body = JSON.stringify({ email, password, maxJobs });
  const response = await fetch(apiUrl, data);
  tell('stored', response, await response.json());
}
async function get(name, place) {
  const response = await fetch(\`\${base}\${place}\`, { headers: { "Authorization": \`Bearer \${token}\`, }, });
  const result = await response.json();
  tell(name, response, result);
  return result;
}
await get('accounts', '/v1/runwayml/accounts');
await get('account', \`/v1/runwayml/accounts/\${email}\`);
await get('features', \`/v1/runwayml/features/?email=\${encodeURIComponent(email)}\`);
await get('subscription', '/v2/account');
{
  const response = await fetch(\`\${base}/v1/runwayml/frames/create\`, {
    method: 'POST',
    headers: { 'Authorization': \`Bearer \${token}\`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      email, "text_prompt": "Required text prompt", "aspect_ratio": "21:9", "diversity": 5, "style": "vivid",
      "seed": 12345678, "replyUrl": "https://example.com/hook", "replyRef": "Place your reference id here", "maxJobs": 5,
    }),
  });
  tell('created', response, await response.json());
}
const { taskId } = seen.created.result;
await get('scheduler', '/v1/runwayml/scheduler/');
for (;;) {
  const { status } = await get('task', \`/v1/runwayml/tasks/\${taskId}\`);
  if (status === 'SUCCEEDED') break;
}
{
  const data = { method: 'DELETE', headers: { 'Authorization': \`Bearer \${token}\`, 'Content-Type': 'application/json' } };
  const response = await fetch(\`\${base}/v1/runwayml/tasks/\${taskId}\`, data);
  tell('deleted', response, await response.json());
}
console.log(JSON.stringify(seen));
`;

let useapi: UseapiEmulator;
let folder: string;
let seen: Record<string, { status: number; result: Record<string, unknown> }>;

beforeAll(async () => {
  useapi = await start({ taskMs: 300, tokens: { [demoToken]: {} } });
  folder = await mkdtemp(join(tmpdir(), 'runkey-useapi-'));
  await writeFile(join(folder, 'authority.pem'), tls.cert);
  seen = JSON.parse(await run());
}, 30_000);

afterAll(async () => {
  await useapi.close();
  await rm(folder, { recursive: true });
});

function run(): Promise<string> {
  const given = ['--input-type=module', '-e', program, `https://localhost:${useapi.port}`, demoToken];
  const child = spawn(process.execPath, given, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [answer, complaint] = ['', ''];
  child.stdout.on('data', text => {
    answer += text;
  });
  child.stderr.on('data', text => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.on('close', code => (code === 0 ? resolve(answer) : reject(new Error(complaint || answer))));
  });
}

const email = 'ada+test@example.com';

it('stores an account whose address is in the path as it is', () => {
  const session = { token: expect.any(String), exp: expect.any(Number), iat: expect.any(Number) };
  const stored = { email, password: 'correct horse', maxJobs: 5, jwt: expect.objectContaining(session) };
  expect(seen.stored).toEqual({ status: 200, result: stored });
  expect(seen.account).toEqual(seen.stored);
  expect(seen.accounts).toEqual({ status: 200, result: { [email]: seen.stored?.result } });
});

it('reads credits and the subscription', () => {
  expect(seen.features?.result).toMatchObject({
    permitted: { storageGB: 500, numPlanCredits: 2250 },
    used: { numPlanCredits: 0 },
  });
  expect(seen.subscription?.result).toMatchObject({ subscriptionIsActive: true, maxAccountsPerAPI: 3 });
});

it('creates a task with all that the example names, follows it and deletes it', () => {
  const taskId = seen.created?.result.taskId;
  expect(taskId).toContain(`user:1234-runwayml:${email}-task:`);
  expect(seen.scheduler?.result).toEqual([
    { taskId, replyUrl: 'https://example.com/hook', replyRef: 'Place your reference id here' },
  ]);
  expect(seen.task?.result).toMatchObject({ taskId, status: 'SUCCEEDED', progressRatio: '1', error: null });
  expect(seen.task?.result.artifacts).toHaveLength(4);
  expect(seen.deleted).toEqual({ status: 200, result: { success: true } });
  expect(useapi.tasks).toEqual([]);
});

it('sends no secret where it does not belong', () => {
  expect(useapi.secrets.sightings.length).toBeGreaterThan(0);
  expect(useapi.secrets.strays).toEqual([]);
});
