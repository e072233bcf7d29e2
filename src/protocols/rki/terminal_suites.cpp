// S302–S304 and S310–S314 on the device, under both suites.
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "pki/ocsp/verify.hpp"
#include "pki/path/path.hpp"
#include "protocols/rki/keys.hpp"
#include "protocols/rki/terminal_steps.hpp"
#include "wire/encoding.hpp"

#include <algorithm>

namespace tf::rki {
namespace {

// Is what OCSP has to say there, as this device wants it?
Status check_staple_is_there(const ServerHello& hello, const Identity& identity) {
  if (hello.ocsp && identity.staple == Staple::none)
    return Error{Code::malformed, "rki.staple_not_asked", "the platform sent an OCSP response that nobody asked for"};
  if (!hello.ocsp && identity.staple == Staple::require)
    return Error{Code::refused, "rki.no_staple", "the platform sent no OCSP response, and this device goes no further without"};
  return {};
}

// Until when it holds. A response that says "try later" is no proof either: nobody asks the responder again here.
Result<std::int64_t> verified_staple(ByteView response, const pki::Certificate& leaf, const pki::Certificate& root, std::int64_t now) {
  auto verified = pki::ocsp::verify(response, {.issuer = root, .serial_hex = leaf.serial_hex(), .now_ms = now});
  if (!verified && verified.error().code == Code::unavailable)
    return Error{Code::refused, verified.error().reason, std::move(verified.error().detail)};
  const pki::ocsp::Verified about = TF_TRY(std::move(verified));
  TF_CHECK(pki::ocsp::require_good(about));
  return about.next_update_ms;
}

// S303: the work certificate under our root, meant for key distribution, valid now, not revoked, our DSN in its range.
Result<pki::Certificate> verified_work_certificate(const ServerHello& hello, const Identity& identity, TerminalPorts ports) {
  if (hello.chain.empty()) return Error{Code::refused, "rki.no_work_certificate", "the platform sent no certificate"};
  TF_CHECK(check_staple_is_there(hello, identity));
  const std::int64_t now = ports.clock.now_ms();
  if (ports.known != nullptr) {
    if (auto leaf = ports.known->find(hello, identity.root, now); leaf && leaf->serves(identity.dsn)) return std::move(*leaf);
  }
  pki::Certificate leaf = TF_TRY(pki::Certificate::from_der(hello.chain.front()));
  const pki::Crl crl = TF_TRY(pki::Crl::from_der(hello.crl));
  std::vector<pki::Certificate> intermediates;
  for (std::size_t i = 1; i < hello.chain.size(); ++i)
    intermediates.push_back(TF_TRY(pki::Certificate::from_der(hello.chain[i])));
  TF_CHECK(pki::validate_path({.leaf = leaf, .intermediates = intermediates, .anchors = {identity.root}, .crl = crl,
                               .require_crl = true, .at_ms = now,
                               .usage = pki::Usage::key_distribution_host, .dsn = identity.dsn}));
  std::int64_t until = leaf.not_after_ms();
  if (hello.ocsp) until = std::min(until, TF_TRY(verified_staple(*hello.ocsp, leaf, identity.root, now)));
  if (ports.known != nullptr) ports.known->remember(hello, identity.root, leaf, now, until);
  return leaf;
}

Result<TerminalStep> prove_classic(AwaitingServerHello state, const ServerHello& hello, const pki::Certificate& work,
                                   const Identity& identity) {
  crypto::PublicKey key = TF_TRY(work.public_key());
  Outgoing out{"proof", encode(ClassicProof{hello.session, TF_TRY(crypto::oaep_encrypt(key, identity.factor.reveal()))})};
  state.transcript.add(out.body);
  AwaitingToken next{Suite::classic, hello.session, state.transcript, state.part, std::move(key), std::nullopt};
  return TerminalStep{std::move(next), std::move(out), std::nullopt};
}

Result<TerminalStep> prove_modern(AwaitingServerHello state, const ReceivedServerHello& received,
                                  const pki::Certificate& work, const Hash256& offered, const Identity& identity,
                                  TerminalPorts ports) {
  const ServerHello& hello = received.hello;
  const crypto::PublicKey work_key = TF_TRY(work.public_key());
  if (auto verified = crypto::jws_verify_es256(work_key, typ::server_hello, received.jws); !verified)
    return Error{Code::refused, "rki.server_signature", "the server hello is not signed by the work certificate's key"};
  if (hello.transcript != offered)
    return Error{Code::refused, "rki.downgrade", "the platform did not see the hello that we sent"};
  if (!identity.device_key || !identity.modern_dik2)
    return Error{Code::refused, "rki.no_device_key", "this device has no credentials for the modern suite"};

  const crypto::PrivateKey ephemeral = crypto::PrivateKey::generate_p256();
  const Secret<32> z = TF_TRY(crypto::ecdh_p256(ephemeral, TF_TRY(crypto::PublicKey::from_point(hello.ephemeral))));
  const Hash256& th2 = state.transcript.hash();
  ProofPayload payload{.transcript = th2, .ephemeral = ephemeral.public_key().point(), .factor = {}};
  payload.factor = crypto::jwe_seal_dir(modern_factor_key(z, th2), ports.random, typ::factor, identity.factor.reveal());
  ModernProof proof{.session = hello.session, .proof = {}, .mac = {}};
  proof.proof = TF_TRY(crypto::jws_sign_es256(*identity.device_key, typ::proof, encode(payload)));
  const Hash256 bound = state.transcript.with(proof.proof);
  Secret<32> k = modern_k(z, *identity.modern_dik2, bound);
  proof.mac = crypto::hmac_sha256(modern_subkey(k, "rki proof mac", bound).reveal(), bound);

  Outgoing out{"proof", encode(proof)};
  state.transcript.add(out.body);
  AwaitingToken next{Suite::modern, hello.session, state.transcript, state.part, std::nullopt, std::move(k)};
  return TerminalStep{std::move(next), std::move(out), std::nullopt};
}

Result<SecretBytes> at_and(const SecretBytes& at_tk1, const SecretBytes& tk2, ByteView tail) {
  SecretBytes out(kAtSize + tk2.size() + tail.size());
  const auto at = std::ranges::copy(at_tk1.reveal().first(kAtSize), out.reveal_mutable().begin()).out;
  std::ranges::copy(tail, std::ranges::copy(tk2.reveal(), at).out);
  return out;
}

SecretBytes random_secret(Random& random, std::size_t size) {
  SecretBytes out(size);
  random.fill(out.reveal_mutable());
  return out;
}

// S311–S314
Result<TerminalStep> answer_classic(AwaitingToken state, std::string_view token, const Hash256& sent,
                                    const Identity& identity, TerminalPorts ports) {
  const Bytes sealed = TF_TRY(wire::from_base64url(token));
  const SecretBytes at_tk1 = TF_TRY(classic_open_token(identity.classic_dik2, sent, sealed));
  const SecretBytes tk2 = random_secret(ports.random, kClassicTkSize);
  SecretBytes tk = xor_components(SecretBytes(at_tk1.reveal().subspan(kAtSize)), tk2);
  const Hash256 tk_sha2 = crypto::sha256(tk.reveal());
  const SecretBytes plain = TF_TRY(at_and(at_tk1, tk2, tk_sha2));
  DeviceToken answer{.session = state.session, .token = {}, .mac = {}};
  answer.token = wire::base64url(TF_TRY(crypto::oaep_encrypt(*state.work_key, plain.reveal())));
  const Hash256 bound = state.transcript.with(answer.token);
  answer.mac = crypto::hmac_sha256(transport_subkey(Suite::classic, tk, "rki confirm", bound).reveal(), bound);
  Outgoing out{"token", encode(answer)};
  state.transcript.add(out.body);
  return TerminalStep{AwaitingDelivery{Suite::classic, state.session, state.transcript, state.part, std::move(tk)},
                      std::move(out), std::nullopt};
}

Result<TerminalStep> answer_modern(AwaitingToken state, std::string_view token, const Hash256& sent, TerminalPorts ports) {
  const SecretBytes at_tk1 =
      TF_TRY(crypto::jwe_open_dir(modern_subkey(*state.k, "rki server token", sent), typ::server_token, token));
  if (at_tk1.size() != kAtSize + kModernTkSize) return Error{Code::refused, "rki.token_size", "AT ‖ TK1 has another size"};
  const SecretBytes tk2 = random_secret(ports.random, kModernTkSize);
  const SecretBytes plain = TF_TRY(at_and(at_tk1, tk2, {}));
  const Secret<32> key = modern_subkey(*state.k, "rki device token", state.transcript.hash());
  Outgoing out{"token", encode(DeviceToken{state.session, crypto::jwe_seal_dir(key, ports.random, typ::device_token,
                                                                            plain.reveal()), std::nullopt})};
  state.transcript.add(out.body);
  SecretBytes tk = modern_tk(*state.k, xor_components(SecretBytes(at_tk1.reveal().subspan(kAtSize)), tk2),
                             state.transcript.hash());
  return TerminalStep{AwaitingDelivery{Suite::modern, state.session, state.transcript, state.part, std::move(tk)},
                      std::move(out), std::nullopt};
}

}  // namespace

Result<TerminalStep> on_server_hello(AwaitingServerHello state, std::string_view body, const Identity& identity,
                                     TerminalPorts ports) {
  const ReceivedServerHello received = TF_TRY(decode_server_hello(body));
  const std::string chosen(name_of(received.hello.suite));
  if (std::ranges::find(state.offered, chosen) == state.offered.end())
    return Error{Code::refused, "rki.suite_not_offered", "the platform chose a suite that was not offered"};
  const pki::Certificate work = TF_TRY(verified_work_certificate(received.hello, identity, ports));
  const Hash256 offered = state.transcript.hash();
  state.transcript.add(body);
  if (received.hello.suite == Suite::classic) return prove_classic(std::move(state), received.hello, work, identity);
  return prove_modern(std::move(state), received, work, offered, identity, ports);
}

Result<TerminalStep> on_token(AwaitingToken state, std::string_view body, const Identity& identity, TerminalPorts ports) {
  const std::string token = TF_TRY(decode_server_token(body));
  const Hash256 sent = state.transcript.hash();  // th_3: up to the proof
  state.transcript.add(body);
  if (state.suite == Suite::classic) return answer_classic(std::move(state), token, sent, identity, ports);
  return answer_modern(std::move(state), token, sent, ports);
}

}  // namespace tf::rki
