// S302, S305–S310 and S316–S318 under the classic suite.
#include "crypto/digest.hpp"
#include "protocols/rki/keys.hpp"
#include "protocols/rki/platform_steps.hpp"
#include "wire/encoding.hpp"

namespace tf::rki {

Result<PlatformStep> classic_hello(const Hello& hello, std::string_view body, const WorkCertificate& work, const Snapshot& snapshot,
                                   PlatformPorts ports) {
  ServerHello out;
  out.session = ports.random.array<16>();
  out.suite = Suite::classic;
  out.nonce = ports.random.array<32>();
  out.chain = work.chain;
  out.crl = ports.credentials.crl();
  out.ocsp = staple_for(hello, work);
  ExpectProof next{Suite::classic, out.session, hello.dsn, hello.part, work.key_name, snapshot.dik1, {}, std::nullopt, std::nullopt};
  std::string reply = encode_classic(out);
  next.transcript.add(body);
  next.transcript.add(reply);
  return PlatformStep{std::move(next), std::move(reply), {}};
}

// S306–S307. The first half happens inside the vault, DIK1 does not leave it.
Result<SecretBytes> classic_dik2_in_vault(const ExpectProof& state, ByteView factor, PlatformPorts ports) {
  if (!state.dik1) return Error{Code::refused, "rki.no_dik1", "no DIK1 for this DSN and suite"};
  const SecretBytes key1 = TF_TRY(ports.vault.tdes_ecb_encrypt(state.dik1->ref(), classic_data1(state.dsn.text())));
  return classic_dik2_from_key1(key1, factor);
}

// A wrong factor is not known as such here: the device just cannot open the token.
Result<PlatformStep> classic_proof(const ExpectProof& state, std::string_view body, PlatformPorts ports) {
  const ClassicProof proof = TF_TRY(decode_classic_proof(body));
  const SecretBytes factor = TF_TRY(ports.vault.oaep_decrypt(state.work_key, proof.factor));
  TF_CHECK(check_factor(factor.reveal()));
  const SecretBytes dik2 = TF_TRY(classic_dik2_in_vault(state, factor.reveal(), ports));

  ExpectToken next{.suite = state.suite, .session = state.session, .dsn = state.dsn, .part = state.part,
                   .work_key = state.work_key, .transcript = state.transcript,
                   .at_tk1 = fresh_token(ports.random, kClassicTkSize), .k = std::nullopt};
  next.transcript.add(body);
  const Bytes token = TF_TRY(classic_seal_token(dik2, next.transcript.hash(), ports.random.array<8>(), next.at_tk1));
  std::string reply = encode_server_token(wire::base64url(token));
  next.transcript.add(reply);
  return PlatformStep{std::move(next), std::move(reply), {}};
}

Result<SecretBytes> classic_tk(const ExpectToken& state, std::string_view body, PlatformPorts ports) {
  const DeviceToken token = TF_TRY(decode_device_token(body));
  const SecretBytes plain = TF_TRY(ports.vault.oaep_decrypt(state.work_key, TF_TRY(wire::from_base64url(token.token))));
  if (plain.size() != kAtSize + kClassicTkSize + 32 || !token.mac)
    return Error{Code::refused, "rki.token_size", "AT ‖ TK2 ‖ TK_SHA2 has another size"};
  const ByteView at = state.at_tk1.reveal().first(kAtSize);
  if (!equal_in_constant_time(plain.reveal().first(kAtSize), at))  // S317
    return Error{Code::refused, "rki.wrong_at", "AT came back different"};
  SecretBytes tk = xor_components(SecretBytes(state.at_tk1.reveal().subspan(kAtSize)),
                                  SecretBytes(plain.reveal().subspan(kAtSize, kClassicTkSize)));
  if (!equal_in_constant_time(crypto::sha256(tk.reveal()), plain.reveal().last(32)))  // S318
    return Error{Code::refused, "rki.wrong_tk_hash", "TK_SHA2 is not the hash of TK"};
  // Beyond the source: the device's MAC under TK over everything said, so that neither side was talked down.
  const Hash256 bound = state.transcript.with(token.token);
  if (!crypto::verify_hmac_sha256(transport_subkey(Suite::classic, tk, "rki confirm", bound).reveal(), bound, *token.mac))
    return Error{Code::refused, "rki.transcript_differs", "the device saw another conversation than we did"};
  return tk;
}

}  // namespace tf::rki
