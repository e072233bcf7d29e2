// A business service that trusts tickets offline:  node ticket.mjs JWKS_FILE AUDIENCE TICKET   prints the claims.
import { readFileSync } from 'node:fs';
import { createLocalJWKSet, jwtVerify } from 'jose';

const [jwksFile, audience, ticket] = process.argv.slice(2);
try {
  const { payload } = await jwtVerify(ticket, createLocalJWKSet(JSON.parse(readFileSync(jwksFile))), { audience, typ: 'at+jwt', algorithms: ['ES256'] });
  console.log(JSON.stringify(payload));
} catch (failure) {
  console.log(JSON.stringify({ refused: failure.code }));
  process.exit(2);
}
