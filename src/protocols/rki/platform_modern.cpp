// S302, S305–S310 and S316–S318 under the modern suite.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/rki/keys.hpp"
#include "protocols/rki/platform_steps.hpp"
#include "wire/encoding.hpp"

namespace tf::rki {

std::string fingerprint(const crypto::PublicKey& device_key) { return wire::hex_lower(crypto::sha256(device_key.spki())); }

Result<PlatformStep> modern_hello(const Hello& hello, std::string_view body, const WorkCertificate& work, const Snapshot& snapshot,
                                   PlatformPorts ports) {
  crypto::PublicKey device = TF_TRY(ports.credentials.verify_device(hello.certificates, hello.dsn, ports.clock.now_ms()));
  Transcript transcript;
  transcript.add(body);
  crypto::PrivateKey ephemeral = crypto::PrivateKey::generate_p256();
  ServerHello out{.session = ports.random.array<16>(), .suite = Suite::modern, .nonce = ports.random.array<32>(),
                  .chain = work.chain, .crl = ports.credentials.crl(), .ephemeral = ephemeral.public_key().point(),
                  .transcript = transcript.hash(), .ocsp = staple_for(hello, work)};
  const auto sign = [&](ByteView data) { return ports.vault.sign_es256(work.key_name, data); };
  std::string reply = encode_modern(out, TF_TRY(crypto::jws_sign_es256(sign, typ::server_hello, signed_payload(out), out.chain)));
  transcript.add(reply);
  return PlatformStep{ExpectProof{Suite::modern, out.session, hello.dsn, hello.part, work.key_name, snapshot.dik1, transcript,
                                  std::move(ephemeral), std::move(device)},
                      std::move(reply), {}};
}

Result<Secret<32>> modern_dik2_in_vault(const ExpectProof& state, ByteView factor, PlatformPorts ports) {
  if (!state.dik1) return Error{Code::refused, "rki.no_dik1", "no DIK1 for this DSN and suite"};
  return ports.vault.hmac_sha256(state.dik1->ref(), modern_dik2_message(state.dsn.text(), factor));
}

Result<PlatformStep> modern_proof(const ExpectProof& state, std::string_view body, PlatformPorts ports) {
  const ModernProof proof = TF_TRY(decode_modern_proof(body));
  const ProofPayload payload =
      TF_TRY(decode_proof_payload(TF_TRY(crypto::jws_verify_es256(*state.device_key, typ::proof, proof.proof))));
  const Hash256& th2 = state.transcript.hash();
  if (payload.transcript != th2)
    return Error{Code::refused, "rki.transcript_differs", "the device signed another conversation than this one"};
  const Secret<32> z = TF_TRY(crypto::ecdh_p256(*state.ephemeral, TF_TRY(crypto::PublicKey::from_point(payload.ephemeral))));
  const SecretBytes factor = TF_TRY(crypto::jwe_open_dir(modern_factor_key(z, th2), typ::factor, payload.factor));
  TF_CHECK(check_factor(factor.reveal()));
  const Secret<32> dik2 = TF_TRY(modern_dik2_in_vault(state, factor.reveal(), ports));
  const Hash256 bound = state.transcript.with(proof.proof);
  Secret<32> k = modern_k(z, dik2, bound);
  if (!crypto::verify_hmac_sha256(modern_subkey(k, "rki proof mac", bound).reveal(), bound, proof.mac))
    return Error{Code::refused, "rki.wrong_dik2", "the device does not hold the DIK2 of its DSN and factor"};

  ExpectToken next{.suite = state.suite, .session = state.session, .dsn = state.dsn, .part = state.part,
                   .work_key = state.work_key, .transcript = state.transcript,
                   .at_tk1 = fresh_token(ports.random, kModernTkSize), .k = std::move(k),
                   .device_key = fingerprint(*state.device_key)};
  next.transcript.add(body);
  const Secret<32> key = modern_subkey(*next.k, "rki server token", next.transcript.hash());
  std::string reply = encode_server_token(crypto::jwe_seal_dir(key, ports.random, typ::server_token, next.at_tk1.reveal()));
  next.transcript.add(reply);
  return PlatformStep{std::move(next), std::move(reply), {}};
}

Result<SecretBytes> modern_tk_from(const ExpectToken& state, std::string_view body, const Hash256& with_body) {
  const DeviceToken token = TF_TRY(decode_device_token(body));
  const Secret<32> key = modern_subkey(*state.k, "rki device token", state.transcript.hash());
  const SecretBytes plain = TF_TRY(crypto::jwe_open_dir(key, typ::device_token, token.token));
  if (plain.size() != kAtSize + kModernTkSize || token.mac)
    return Error{Code::refused, "rki.token_size", "AT ‖ TK2 has another size"};
  if (!equal_in_constant_time(plain.reveal().first(kAtSize), state.at_tk1.reveal().first(kAtSize)))  // S317
    return Error{Code::refused, "rki.wrong_at", "AT came back different"};
  // S318 has no hash to compare: a device with another TK cannot read the delivery nor sign the receipt.
  return modern_tk(*state.k, xor_components(SecretBytes(state.at_tk1.reveal().subspan(kAtSize)),
                                            SecretBytes(plain.reveal().subspan(kAtSize))), with_body);
}

}  // namespace tf::rki
