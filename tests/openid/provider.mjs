// The provider of the package oidc-provider, over https. Settings come as one line of JSON on standard input; when it
// answers, it says so on standard output. It ends when its input does.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:https";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const lines = createInterface({ input: process.stdin });
const settings = JSON.parse(await new Promise((resolve) => lines.once("line", resolve)));
process.stdin.on("end", () => process.exit(0));

const kinds = {
  RS256: ["rsa", { modulusLength: 2048 }],
  ES256: ["ec", { namedCurve: "P-256" }],
  EdDSA: ["ed25519", {}],
};
const signing = Object.values(kinds).map(([kind, of], number) => ({
  ...generateKeyPairSync(kind, of).privateKey.export({ format: "jwk" }),
  kid: `key-${number}`,
  use: "sig",
}));

const roles = { dana: ["reviewer"], kim: ["support", "auditor"], tom: ["accounting"] };
const names = { dana: "Dana Reyes", kim: "Kim Oduya", tom: "Tom Berger" };

const provider = new Provider(settings.issuer, {
  clients: settings.clients.map(({ client_id, redirect_uri, algorithm }) => ({
    client_id,
    client_secret: settings.client_secret,
    redirect_uris: [redirect_uri],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_basic",
    id_token_signed_response_alg: algorithm,
  })),
  jwks: { keys: signing },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256", "EdDSA"] },
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ["sub", "roles"], profile: ["name"], email: ["email"] },
  cookies: { keys: ["of this test only"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: names[id], email: `${id}@moxiworks.example`, roles: roles[id] ?? [] }),
  }),
});

const server = createServer({ cert: settings.certificate, key: settings.certificate_key }, provider.callback());
server.listen(settings.port, "127.0.0.1", () => console.log("it answers"));
