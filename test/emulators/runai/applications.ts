import { randomBytes } from 'node:crypto';
import { trapHost } from '../loopback/redirect';
import type { Place, Secrets } from '../loopback/secrets';
import { mintJwt } from './jwt';
import type { Access, ApplicationSettings, Switches } from './options';

export interface Application {
  readonly id: string;
  readonly label: string;
  readonly host: string | undefined;
  secret: string;
  access: Access;
  /** Wrong secrets in a row. */
  wrong: number;
}

export interface Token {
  readonly text: string;
  readonly application: Application;
  /** The control plane that issued it. */
  readonly host: string;
  /** ms. */
  readonly until: number;
}

/** Who may ask for tokens, and the tokens they got. */
export class Applications {
  readonly #known = new Map<string, Application>();
  #tokens: Token[] = [];
  readonly #secrets: Secrets;
  readonly #switches: Switches;
  readonly #isCluster: (host: string) => boolean;

  constructor(
    settings: Readonly<Record<string, ApplicationSettings>>,
    around: { secrets: Secrets; switches: Switches; isCluster: (host: string) => boolean },
  ) {
    this.#secrets = around.secrets;
    this.#switches = around.switches;
    this.#isCluster = around.isCluster;
    for (const [id, { secret, label = id, host, access = 'write' }] of Object.entries(settings)) {
      const application = { id, label, host, secret, access, wrong: 0 };
      this.#known.set(id, application);
      this.#guard(application);
    }
  }

  of(id: string): Application {
    const application = this.#known.get(id);
    if (!application) throw new Error(`The emulator was not given the application ${id}`);
    return application;
  }

  /** The application that these credentials are right for, at this host. */
  admit(id: unknown, secret: unknown, host: string): Application | undefined {
    const application = typeof id === 'string' ? this.#known.get(id) : undefined;
    if (!application || (application.host ?? host) !== host) return undefined;
    const locked = application.wrong >= this.#switches.lockAfter;
    if (locked || application.secret !== secret) {
      application.wrong += 1;
      return undefined;
    }
    application.wrong = 0;
    return application;
  }

  issue(application: Application, host: string): Token {
    const { tokenForm, tokenSeconds, clockAhead } = this.#switches;
    const now = Date.now();
    const iat = Math.floor(now / 1000) + clockAhead;
    const claims = {
      iss: `https://${host}/auth/realms/runai`,
      sub: application.id,
      iat,
      exp: iat + tokenSeconds,
    };
    const text =
      tokenForm === 'opaque'
        ? randomBytes(32).toString('hex')
        : mintJwt(claims, tokenForm === 'jwt' ? 'plain' : 'url-safe');
    const token = { text, application, host, until: now + tokenSeconds * 1000 };
    this.#tokens.push(token);
    this.#secrets.know(
      text,
      `token ${application.label}`,
      ({ header, host: seen }) =>
        header === 'authorization' && seen !== trapHost && (seen === host || this.#isCluster(seen)),
    );
    return token;
  }

  /** The token, while it lives; at the host that issued it, or at a cluster. */
  find(text: string | undefined, host: string): Token | undefined {
    return this.#tokens.find(
      token =>
        token.text === text && Date.now() < token.until && (token.host === host || this.#isCluster(host)),
    );
  }

  regenerate(id: string): string {
    const application = this.of(id);
    application.secret = `regenerated-${randomBytes(16).toString('hex')}`;
    this.#guard(application);
    if (this.#switches.regenerateEndsTokens) this.end(id);
    return application.secret;
  }

  end(id?: string): void {
    this.#tokens = id === undefined ? [] : this.#tokens.filter(({ application }) => application.id !== id);
  }

  #guard({ label, host, secret }: Application): void {
    const belongs = ({ place, method, path, host: seen }: Place) =>
      place === 'body' &&
      method === 'POST' &&
      /^\/api\/v[12]\/token$/.test(path) &&
      seen !== trapHost &&
      !this.#isCluster(seen) &&
      (host ?? seen) === seen;
    this.#secrets.know(secret, `secret ${label}`, belongs);
  }
}
