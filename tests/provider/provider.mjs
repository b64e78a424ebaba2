// An OpenID provider that lets anybody in under any name. What it says of them stands in its only argument:
// { issuer, port, clients: [...], people: { name: { claims } } }
import Provider from 'oidc-provider';

const { issuer, port, clients, people } = JSON.parse(process.argv[2]);

const provider = new Provider(issuer, {
  clients,
  claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: ['only for tests'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.listen(port, () => console.log('listening'));
