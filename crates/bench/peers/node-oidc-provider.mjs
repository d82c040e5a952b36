// node-oidc-provider as a server that `bench run --node-oidc-provider` measures: in memory, with the same paths, and a sign-in
// that asks nothing. Arguments: the folder of its node_modules, the port, the client's id, secret and redirect URI, the algorithm.
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, port, clientId, secret, redirectUri, algorithm] = process.argv.slice(2);
const library = pathToFileURL(join(modules, 'oidc-provider', 'lib', 'index.js'));
const { default: Provider } = await import(library.href);

// What is kept: every model by its id, and what belongs to a grant.
const rows = new Map();
const grants = new Map();

class Memory {
  constructor(name) {
    this.name = name;
  }

  key(id) {
    return `${this.name}:${id}`;
  }

  async upsert(id, payload) {
    const key = this.key(id);
    rows.set(key, payload);
    if (payload.uid) rows.set(this.key(`uid:${payload.uid}`), id);
    if (payload.grantId) {
      const keys = grants.get(payload.grantId);
      if (keys) keys.push(key);
      else grants.set(payload.grantId, [key]);
    }
  }

  async find(id) {
    return rows.get(this.key(id));
  }

  async findByUid(uid) {
    return this.find(rows.get(this.key(`uid:${uid}`)));
  }

  async consume(id) {
    rows.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    rows.delete(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const key of grants.get(grantId) ?? []) rows.delete(key);
    grants.delete(grantId);
  }
}

const { privateKey } =
  algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: algorithm };

const provider = new Provider(`http://localhost:${port}`, {
  adapter: Memory,
  clients: [
    {
      client_id: clientId,
      client_secret: secret,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: algorithm,
    },
  ],
  jwks: { keys: [key] },
  cookies: { keys: ['a key for cookies'] },
  claims: { openid: ['sub'], email: ['email'] },
  features: { devInteractions: { enabled: false }, introspection: { enabled: true } },
  routes: {
    authorization: '/authorize',
    token: '/token',
    userinfo: '/userinfo',
    introspection: '/introspect',
    jwks: '/jwks',
  },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@contoso.test` }),
  }),
  // Everybody has agreed.
  loadExistingGrant: async ({ oidc }) => {
    const known = oidc.session.grantIdFor(oidc.client.clientId);
    if (known) return provider.Grant.find(known);
    const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid email offline_access');
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next();
  const { uid } = await provider.interactionDetails(context.req, context.res);
  const login = { accountId: `guest-${uid}` };
  context.respond = false;
  await provider.interactionFinished(context.req, context.res, { login });
});

provider.listen(Number(port), '127.0.0.1');
