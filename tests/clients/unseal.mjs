// A business service that opens what a terminal sealed for it:  node unseal.mjs KEY_BASE64URL JWE
import { base64url, compactDecrypt } from 'jose';

const [key, jwe] = process.argv.slice(2);
const { plaintext } = await compactDecrypt(jwe, base64url.decode(key));
process.stdout.write(plaintext);
