// The certificate file of docs/protocols/wallet.md, made by pkijs: PKCS#12, the key in PBES2 (AES-256-CBC, PBKDF2-HMAC-SHA256), MAC
// HMAC-SHA256, each with a password of its own.
import { webcrypto } from 'node:crypto';
import { AuthenticatedSafe, CertBag, Certificate, PFX, PKCS8ShroudedKeyBag, PrivateKeyInfo, SafeBag, SafeContents } from 'pkijs';

const kIterations = 600_000;
const raw = (text) => new TextEncoder().encode(text).buffer;

export async function makeCertificateFile(privateKey, certificate, encryptionPassword, macPassword) {
  const key = PrivateKeyInfo.fromBER(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const shrouded = new PKCS8ShroudedKeyBag({ parsedValue: key });
  await shrouded.makeInternalValues({
    password: raw(encryptionPassword), contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 }, hmacHashAlgorithm: 'SHA-256', iterationCount: kIterations,
  });
  const bags = [
    new SafeBag({ bagId: '1.2.840.113549.1.12.10.1.2', bagValue: shrouded }),
    new SafeBag({ bagId: '1.2.840.113549.1.12.10.1.3', bagValue: new CertBag({ parsedValue: Certificate.fromBER(certificate) }) }),
  ];
  const safe = new AuthenticatedSafe({ parsedValue: { safeContents: [{ privacyMode: 0, value: new SafeContents({ safeBags: bags }) }] } });
  const file = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } });
  await safe.makeInternalValues({ safeContents: [{}] });
  await file.makeInternalValues({ password: raw(macPassword), iterations: kIterations, pbkdf2HashAlgorithm: 'SHA-256', hmacHashAlgorithm: 'SHA-256' });
  return Buffer.from(file.toSchema().toBER());
}
