#include "tests/rki/forge.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "wire/encoding.hpp"

namespace tf::rki::test {
namespace {

SecretBytes joined(ByteView a, ByteView b, ByteView c) {
  SecretBytes out(a.size() + b.size() + c.size());
  std::ranges::copy(c, std::ranges::copy(b, std::ranges::copy(a, out.reveal_mutable().begin()).out).out);
  return out;
}

SecretBytes drawn(Random& random, std::size_t size) {
  SecretBytes out(size);
  random.fill(out.reveal_mutable());
  return out;
}

Transcript extended(Transcript transcript, std::string_view body) {
  transcript.add(body);
  return transcript;
}

DeviceToken forge_classic_token(const AwaitingToken& state, std::string_view received, const Identity& identity,
                                Random& random, const AlterBytes& alter) {
  const Bytes sealed = must(wire::from_base64url(must(decode_server_token(received))));
  const SecretBytes at_tk1 = must(classic_open_token(identity.classic_dik2, state.transcript.hash(), sealed));
  const SecretBytes tk2 = drawn(random, kClassicTkSize);
  const SecretBytes tk = xor_components(SecretBytes(at_tk1.reveal().subspan(kAtSize)), tk2);
  SecretBytes plain = joined(at_tk1.reveal().first(kAtSize), tk2.reveal(), crypto::sha256(tk.reveal()));
  alter(plain);
  DeviceToken out{.session = state.session, .token = {}, .mac = {}};
  out.token = wire::base64url(must(crypto::oaep_encrypt(*state.work_key, plain.reveal())));
  const Hash256 bound = extended(state.transcript, received).with(out.token);
  out.mac = crypto::hmac_sha256(transport_subkey(Suite::classic, tk, "rki confirm", bound).reveal(), bound);
  return out;
}

}  // namespace

DeviceToken forge_token(const AwaitingToken& state, std::string_view received, const Identity& identity, Random& random,
                        const AlterBytes& alter) {
  if (state.suite == Suite::classic) return forge_classic_token(state, received, identity, random, alter);
  const Secret<32> open = modern_subkey(*state.k, "rki server token", state.transcript.hash());
  const SecretBytes at_tk1 = must(crypto::jwe_open_dir(open, typ::server_token, must(decode_server_token(received))));
  const SecretBytes tk2 = drawn(random, kModernTkSize);
  SecretBytes plain = joined(at_tk1.reveal().first(kAtSize), tk2.reveal(), {});
  alter(plain);
  const Secret<32> seal = modern_subkey(*state.k, "rki device token", extended(state.transcript, received).hash());
  return {state.session, crypto::jwe_seal_dir(seal, random, typ::device_token, plain.reveal()), std::nullopt};
}

ModernProof forge_proof(const AwaitingServerHello& state, std::string_view received, const Identity& identity,
                        Random& random, const std::function<void(ProofPayload&)>& alter, ByteView factor) {
  const ServerHello hello = must(decode_server_hello(received)).hello;
  const Transcript transcript = extended(state.transcript, received);
  const crypto::PrivateKey ephemeral = crypto::PrivateKey::generate_p256();
  const Secret<32> z = must(crypto::ecdh_p256(ephemeral, must(crypto::PublicKey::from_point(hello.ephemeral))));
  ProofPayload payload{.transcript = transcript.hash(), .ephemeral = ephemeral.public_key().point(), .factor = {}};
  payload.factor = crypto::jwe_seal_dir(modern_factor_key(z, transcript.hash()), random, typ::factor, factor);
  alter(payload);
  ModernProof proof{.session = hello.session, .proof = {}, .mac = {}};
  proof.proof = must(crypto::jws_sign_es256(*identity.device_key, typ::proof, encode(payload)));
  const Hash256 bound = transcript.with(proof.proof);
  const Secret<32> k = modern_k(z, *identity.modern_dik2, bound);
  proof.mac = crypto::hmac_sha256(modern_subkey(k, "rki proof mac", bound).reveal(), bound);
  return proof;
}

std::string forge_receipt(const AwaitingDelivery& state, std::string_view received, std::string_view sent,
                          const std::function<void(Receipt&)>& alter) {
  const Secret<32> key =
      transport_subkey(state.suite, state.tk, "rki receipt mac", extended(state.transcript, received).hash());
  const SessionMessage honest = must(decode_session_message(sent, "receipt"));
  Receipt receipt = must(decode_receipt(must(crypto::jws_verify_hs256(key.reveal(), typ::receipt, honest.jose))));
  alter(receipt);
  return encode_wrapped(honest.session, "receipt", crypto::jws_sign_hs256(key.reveal(), typ::receipt, encode(receipt)));
}

std::string respelt_receipt(const AwaitingDelivery& state, std::string_view received, std::string_view sent) {
  const Secret<32> key =
      transport_subkey(state.suite, state.tk, "rki receipt mac", extended(state.transcript, received).hash());
  const SessionMessage honest = must(decode_session_message(sent, "receipt"));
  std::string payload = must(crypto::jws_verify_hs256(key.reveal(), typ::receipt, honest.jose));
  payload.insert(1, "  ");
  return encode_wrapped(honest.session, "receipt", crypto::jws_sign_hs256(key.reveal(), typ::receipt, payload));
}

std::string forge_server_hello(Scene& scene, std::string_view reply, const std::function<void(ServerHello&)>& alter,
                               std::string_view key_name) {
  ServerHello hello = must(decode_server_hello(reply)).hello;
  alter(hello);
  const auto sign = [&](ByteView data) { return scene.estate.vault->sign_es256(key_name, data); };
  return encode_modern(hello,
                       must(crypto::jws_sign_es256(sign, typ::server_hello, signed_payload(hello), hello.chain)));
}

void ForgedDelivery::put(Slot slot, const crypto::KeyBlockHeader& header, const SecretBytes& key,
                         const SecretBytes& under) {
  const auto at = std::ranges::find(delivery.keys, slot, &DeliveredKey::slot);
  at->block = must(crypto::wrap_key_block(under.reveal(), header, key, random));
}

void ForgedDelivery::put(Slot slot, const crypto::KeyBlockHeader& header, const SecretBytes& key) {
  put(slot, header, key, suite == Suite::classic && is_working_key(slot) ? tmk : kbpk);
}

crypto::KeyBlockHeader ForgedDelivery::header(Slot slot) const { return must(header_of(suite, slot, delivery.set)); }

SecretBytes ForgedDelivery::fresh_key(std::size_t size) const { return drawn(random, size); }

std::string forge_delivery(Scene& scene, const ExpectToken& state, std::string_view request, const ExpectReceipt& next,
                           std::string_view reply, const std::function<void(ForgedDelivery&)>& alter) {
  const Hash256 th5 = extended(state.transcript, request).hash();
  const Secret<32> key = transport_subkey(state.suite, next.tk, "rki delivery mac", th5);
  const std::string payload =
      must(crypto::jws_verify_hs256(key.reveal(), typ::delivery, must(decode_wrapped(reply, "delivery"))));
  ForgedDelivery forged{must(decode_delivery(payload)),
                        transport_kbpk(state.suite, next.tk, th5),
                        {},
                        state.suite,
                        scene.platform_random};
  forged.tmk = must(crypto::unwrap_key_block(forged.kbpk.reveal(), forged.delivery.keys.front().block)).key.clone();
  alter(forged);
  return encode_wrapped("delivery", crypto::jws_sign_hs256(key.reveal(), typ::delivery, encode(forged.delivery)));
}

}  // namespace tf::rki::test
